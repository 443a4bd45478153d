import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { cacheKey } from "../../tools/install/closed-network/cache";
import { daemonSettings } from "../../tools/install/closed-network/dockerd";
import {
  goVersion,
  kubernetesProvider,
  providerVersion,
  pulumiCli,
  requiredVersion,
  toolRecipe,
} from "../../tools/install/closed-network/go";
import { coredns, etcd, kubernetes, minikube, parts } from "../../tools/install/closed-network/kubernetes";
import { startArgs } from "../../tools/install/closed-network/minikube";
import { entrypoint } from "../../tools/install/closed-network/node";
import { lacksCapability, parseRuntimes } from "../../tools/install/closed-network/runtime";

const folder = path.join(__dirname, "../../tools/install/closed-network");
const read = (...names: string[]) => fs.readFileSync(path.join(folder, ...names), "utf8");
const tools = [pulumiCli, kubernetesProvider, kubernetes, minikube, etcd, coredns];

describe("closed network's cluster", () => {
  // It is for Linux: only its files are looked at, and a Windows has neither their modes nor its signals.
  if (process.platform === "win32") return;
  describe("programs", () => {
    it("are built from one module each, in the version required by its go.mod", async () => {
      for (const tool of tools) {
        const goMod = read("tools", tool.name, "go.mod");
        const recipe = await toolRecipe(tool);
        assert.match(goVersion(goMod), /^1\.\d+\.\d+$/, tool.name);
        assert.ok(recipe.content["go.sum"], `${tool.name} has its checksums`);
        if (tool.of) assert.ok(recipe.version.startsWith(`${requiredVersion(goMod, tool.of)}-`), recipe.version);
        const flags = recipe.args[recipe.args.indexOf("-ldflags") + 1] ?? "";
        for (const setting of flags.match(/-X \S+/g) ?? []) assert.match(setting, /^-X \S+=\S+$/, tool.name);
      }
    });

    it("report their version, which kubeadm and minikube compare", async () => {
      const said = (await toolRecipe(kubernetes)).args.join(" ");
      assert.match(said, /version\.gitVersion=v1\.36\.\d+ .*version\.gitMajor=1 .*version\.gitMinor=36 /);
      assert.match((await toolRecipe(minikube)).args.join(" "), /pkg\/version\.version=v1\.38\.1 /);
    });

    it("have all names that the node's program supports", () => {
      const source = read("tools", "kubernetes", parts.program, "main.go");
      const known = [...source.matchAll(/^	+(?:if name == )?"(kube[a-z-]*)"/gm)].map(([, name]) => name ?? "");
      assert.deepEqual([...parts.system, ...parts.node].sort(), known.sort());
    });

    it("report the version of the provider's package and the commit it is built from", () => {
      assert.equal(
        providerVersion("v4.0.0-20260115033456-f47bc2d6f199", "4.34.2"),
        "4.34.2+20260115033456.f47bc2d6f199",
      );
      assert.equal(providerVersion("v4.35.0", "4.35.0"), "4.35.0+v4.35.0", "a release");
    });

    it("have the same version of all parts of Kubernetes", () => {
      const goMod = read("tools", "kubernetes", "go.mod");
      const [, patch] = /^v1\.(.*)$/.exec(requiredVersion(goMod, "k8s.io/kubernetes")) ?? [];
      const replaced = [...goMod.matchAll(/^\t(k8s\.io\/\S+) => (\S+) (\S+)$/gm)];
      assert.ok(replaced.length > 25);
      for (const [, from, to, version] of replaced) assert.deepEqual([to, version], [from, `v0.${patch}`]);
    });

    it("are rebuilt if their source changes, but not if their tests do", async () => {
      const recipe = await toolRecipe(kubernetes);
      const files = Object.keys(recipe.content);
      const source = "storage-provisioner/provisioner.go";
      assert.ok(files.includes(source) && !files.some((file) => file.endsWith("_test.go")), files.join());
      const changed = { ...recipe, content: { ...recipe.content, [source]: "package main" } };
      assert.notEqual(cacheKey(changed), cacheKey(recipe));
    });
  });

  describe("runtime", () => {
    // /proc/self/status of a machine of this kind, and of one with everything.
    const status = (bounding: string) =>
      `Name:\tnode\nCapEff:\t000001ffffffffff\nCapBnd:\t${bounding}\nNoNewPrivs:\t0\n`;

    it("is needed if the kernel has a capability that no process gets", () => {
      assert.equal(lacksCapability(status("000001fffeffffff"), 40), true);
      assert.equal(lacksCapability(status("000001ffffffffff"), 40), false);
      // A kernel that is older than the highest bits, and one that is newer than Docker.
      assert.equal(lacksCapability(status("0000003fffffffff"), 37), false);
      assert.equal(lacksCapability(status("000001ffffffffff"), 41), true);
      assert.equal(lacksCapability("Name:\tnode\n", 40), false, "no such line");
    });

    it("is the default of a daemon that is started here, and of no other", () => {
      const path = "/cache/runtime/bin/runtime";
      const settings = { runtimes: { "course-labs": { path } }, "default-runtime": "course-labs" };
      assert.deepEqual(daemonSettings(1400, settings), { ...daemonSettings(1400), ...settings });
      assert.deepEqual(Object.keys(daemonSettings(1500)), ["default-cgroupns-mode"]);
    });

    it("is recognized by its name", () => {
      const known = `{"course-labs":{"path":"/c/bin/runtime"},"runc":{"path":"runc"}}`;
      assert.equal(parseRuntimes(`course-labs ${known}\n`), "/c/bin/runtime");
      assert.equal(parseRuntimes(`runc ${known}\n`), undefined, "there, and not used");
      assert.equal(parseRuntimes(`runc {"runc":{"path":"runc"}}\n`), undefined);
      // What is printed when no daemon answers.
      assert.equal(parseRuntimes(" null\n"), undefined);
      assert.equal(parseRuntimes(""), undefined);
    });

    it("is tested with the request of Docker", () => {
      // The Go tests' samples: they would show nothing without the capability that is missing.
      for (const sample of ["config.json", "process.json"]) {
        const whole = JSON.parse(read("tools", "runtime", "testdata", sample)) as Record<string, unknown>;
        const { capabilities } = (whole.process ?? whole) as { capabilities: Record<string, string[]> };
        for (const [set, names] of Object.entries(capabilities)) assert.ok(names.includes("CAP_SYS_RESOURCE"), set);
      }
    });
  });

  describe("node", () => {
    it("is started with everything from its image", () => {
      const args = startArgs("course-labs/node:v1.36.4-1", "v1.36.4");
      assert.ok(args.includes("--base-image=course-labs/node:v1.36.4-1"));
      assert.ok(args.includes("--kubernetes-version=v1.36.4"));
      assert.ok(args.includes("--preload=false") && args.includes("--cache-images=false"), "nothing is to be fetched");
      for (const arg of args) assert.match(arg, /^--[a-z-]+(=\S+)?$/);
    });

    it("has images that run as kubeadm's manifests expect", () => {
      assert.equal(entrypoint("registry.k8s.io/pause:3.10"), `ENTRYPOINT ["pause", "-P"]`);
      assert.equal(entrypoint("registry.k8s.io/coredns/coredns:v1.12.0"), `ENTRYPOINT ["coredns"]`);
      assert.equal(entrypoint("registry.k8s.io/kube-apiserver:v1.36.4"), "");
    });

    it("has matching units and scripts", () => {
      const files = path.join(folder, "node", "files");
      const units = fs.readdirSync(path.join(files, "etc/systemd/system"));
      const script = read("node", "files", "usr/local/sbin/make-node");
      // A service that starts when a file is there is started by its path unit.
      const enabled = (unit: string) => units.includes(unit) && script.includes(` ${unit}`);
      for (const unit of units) assert.ok(enabled(unit) || enabled(unit.replace(".service", ".path")), unit);
      for (const name of ["make-node", "node-entrypoint"]) {
        const { mode } = fs.statSync(path.join(files, "usr/local/sbin", name));
        assert.equal(mode & 0o111, 0o111, `${name} can be run`);
      }
      for (const name of ["collect", "unpack"]) {
        assert.equal(fs.statSync(path.join(folder, "node/system", name)).mode & 0o111, 0o111, `${name} can be run`);
      }
    });
  });
});
