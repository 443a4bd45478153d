import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { copyImages, nodeImageNames, profileExists, remove, start, stop } from "../../tools/cluster/minikube";
import { loadImages } from "../../tools/cluster/node-images";
import { refused } from "../refused";

/** Shell scripts stand for `minikube` and `docker`; each writes down how it was called. */
const scripts = {
  minikube: `echo "minikube $* KUBECONFIG=$KUBECONFIG" >> "$CALLS"
case "$*" in
  start*)
    if [ -n "$FAIL" ]; then
      echo '{"type":"io.k8s.sigs.minikube.error","data":{"name":"GUEST_START","message":"'"\${MESSAGE:-no room}"'","advice":"'"\${ADVICE:-make room}"'"}}'
      exit 80
    fi
    echo '{"type":"io.k8s.sigs.minikube.step","data":{"name":"Starting Node"}}';;
  stop*) if [ -n "$FAIL" ]; then echo "it hangs" >&2; exit 1; fi;;
  delete*) printf 'apiVersion: v1\\nclusters: null\\ncontexts: null\\nusers: null\\n' > "$KUBECONFIG";;
  version*) echo "v$VERSION";;
  image*" ls "*)
    case "$LIST" in
      broken) echo '{"type":"io.k8s.sigs.minikube.error","data":{"name":"GUEST_IMAGE_LIST","message":"containerd is not running"}}'; exit 80;;
      old) echo "Error: unknown flag: --format" >&2; exit 80;;
      empty) exit 0;;
    esac
    echo '['; sed 's/.*/{"repoTags":["&"]}/' "$CALLS.images" 2>/dev/null; echo ']';;
  image*" load "*) cp "$(echo "$*" | sed 's/.* //')" "$CALLS.images";;
esac`,
  docker: `echo "docker $*" >> "$CALLS"
case "$*" in
  *DriverStatus*) echo "[[\\"driver-type\\",\\"$STORE\\"]]";;
  info*) echo '{"NCPU":4,"MemTotal":8589934592,"OperatingSystem":"Debian"}';;
  version*) echo linux/arm64;;
  "image save"*)
    case "$*" in *--platform*) [ -z "$OLD" ] || { echo "unknown flag: --platform" >&2; exit 125; };; esac
    [ -z "$FAIL" ] || { echo "no space left on device" >&2; exit 1; }
    # As the one of the snap, which may not write into /tmp.
    case "$*" in *--output*) echo "failed to save image: invalid output path" >&2; exit 1;; esac
    printf 'docker.io/library/mysql:9';;
esac`,
};

describe("minikube", function () {
  if (process.platform === "win32") return;
  const environment = { ...process.env };
  let folder: string;
  let kubeconfig: string;
  const calls = () => readFileSync(join(folder, "calls"), "utf8").trim().split("\n");
  const make = (config = "{}") => {
    mkdirSync(join(folder, ".minikube", "profiles", "course-labs"), { recursive: true });
    writeFileSync(join(folder, ".minikube", "profiles", "course-labs", "config.json"), config);
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "course-labs-minikube-"));
    kubeconfig = join(folder, "config");
    for (const [name, script] of Object.entries(scripts)) {
      writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
      chmodSync(join(folder, name), 0o755);
    }
    Object.assign(process.env, {
      PATH: `${folder}${delimiter}${environment.PATH}`,
      CALLS: join(folder, "calls"),
      MINIKUBE_HOME: folder,
    });
  });
  afterEach(() => {
    for (const name of ["PATH", "CALLS", "MINIKUBE_HOME", "FAIL", "STORE", "OLD", "LIST", "VERSION"]) {
      if (environment[name] === undefined) delete process.env[name];
      else process.env[name] = environment[name];
    }
    rmSync(folder, { recursive: true });
  });
  const choice = () => ({ kubeContext: "course-labs", kubeconfig });

  it("finds its profile, wherever its home is", () => {
    assert.equal(profileExists(), false);
    make();
    assert.ok(profileExists());
    assert.ok(profileExists({ MINIKUBE_HOME: join(folder, ".minikube") }));
  });

  it("finds the node image if the profile can be read", () => {
    assert.deepEqual(nodeImageNames(), []);
    for (const [config, names] of [
      ['{"KicBaseImage": "kicbase:v1@sha256:ab"}', ["kicbase:v1@sha256:ab", "kicbase:v1"]],
      ['{"KicBaseImage": "node:v1"}', ["node:v1"]],
      ["{}", []],
      ['{"KicBase', []],
    ] as const) {
      make(config);
      assert.deepEqual(nodeImageNames(), names);
    }
  });

  it("starts an existing cluster unchanged, with the kubeconfig of the settings and without selecting a context", async () => {
    make();
    await start({ ...choice(), nodePort: 30080 });
    // Forced as root, and where the list of Kubernetes versions cannot be asked for.
    assert.deepEqual(
      calls().map((call) => call.replace(" --force", "")),
      [
        `minikube start --profile course-labs --keep-context --interactive=false --output=json KUBECONFIG=${kubeconfig}`,
      ],
    );
    if (process.getuid?.() === 0) assert.match(calls().join(), / --force /);
  });

  it("that fails is reported with its message and the next step", async () => {
    make();
    process.env.FAIL = "yes";
    await refused(
      start(choice()),
      /could not start the cluster: no room \(GUEST_START\)\nmake room\nFix this problem.* delete all data in this one: npm run destroy -- --cluster --allow-data-loss\. .*--keep-context/s,
      /minikube start 명령이 실패했습니다: no room.*데이터도 모두 삭제됩니다\): npm run destroy -- --cluster --allow-data-loss\./s,
    );
  });

  it("that fails passes on no advice to delete a cluster without saying what that costs", async () => {
    make();
    Object.assign(process.env, { FAIL: "yes", ADVICE: "Delete it with minikube delete" });
    try {
      await refused(start(choice()), /no room \(GUEST_START\)\nFix this problem/, /no room/);
      Object.assign(process.env, { MESSAGE: "Docker is out of disk space!", ADVICE: "Run docker system prune" });
      await refused(
        start(choice()),
        /space! \(GUEST_START\)\nThe disk is full\. .*no container and no volume\. Then: npm run up\nFix this problem/,
        /디스크가 가득/,
      );
    } finally {
      delete process.env.ADVICE;
      delete process.env.MESSAGE;
    }
  });

  it("stops without removing the context from the kubeconfig", async () => {
    await stop(choice());
    assert.deepEqual(calls(), [`minikube stop --profile course-labs --keep-context-active KUBECONFIG=${kubeconfig}`]);
  });

  it("that cannot stop is reported with the reason", async () => {
    process.env.FAIL = "yes";
    await refused(stop(choice()), /could not stop the cluster: it hangs/, /it hangs/);
  });

  it("is deleted together with an empty kubeconfig", async () => {
    writeFileSync(kubeconfig, "users: [{name: course-labs}]\n");
    await remove(choice());
    assert.deepEqual(calls(), [`minikube delete --profile course-labs KUBECONFIG=${kubeconfig}`]);
    assert.equal(existsSync(kubeconfig), false);
  });

  it("loads images from a temporary file", async () => {
    await copyImages(choice(), ["mysql:9"]);
    const [, save, load = ""] = calls();
    assert.equal(save, "docker image save mysql:9");
    const [, file = "", config] = /^minikube image --profile course-labs load (\S+) KUBECONFIG=(.*)$/.exec(load) ?? [];
    assert.match(file, /images\.tar$/);
    assert.equal(config, kubeconfig);
    assert.equal(existsSync(file), false);
  });

  for (const [old, last] of [
    ["", / --platform=linux\/arm64 /],
    ["yes", /^docker image save mysql:9$/],
  ] as const) {
    it(`loads images for its platform from the containerd image store${old && ", where Docker can"}`, async () => {
      Object.assign(process.env, { STORE: "io.containerd.snapshotter.v1", OLD: old });
      await copyImages(choice(), ["mysql:9"]);
      assert.match(
        calls()
          .filter((call) => call.startsWith("docker image save"))
          .at(-1) ?? "",
        last,
      );
    });
  }

  it("that did not load an image pulls it if possible", async () => {
    process.env.FAIL = "yes";
    await loadImages(choice(), ["mysql:9"], () => Promise.resolve(false));
    await refused(
      loadImages(choice(), ["mysql:9"], () => Promise.resolve(true)),
      /mysql:9 could not be copied .*no space left on device/,
      /mysql:9/,
    );
  });

  const lists: [what: string, list: string, version: string, english: RegExp, korean: RegExp][] = [
    [
      "a node that does not say which images it has",
      "broken",
      "1.38.1",
      /^minikube could not list the images in the cluster: containerd is not running \(GUEST_IMAGE_LIST\)\n.*stored data is kept\): minikube stop/,
      /목록을 가져오지 못했습니다 \(minikube\): containerd is not running \(GUEST_IMAGE_LIST\)\n.*데이터는 유지됩니다/,
    ],
    [
      "a minikube that prints nothing",
      "empty",
      "1.38.1",
      /in the cluster: it printed nothing\n/,
      /\(minikube\): 출력이 없습니다\n/,
    ],
    [
      "a minikube of years ago",
      "old",
      "1.22.0",
      /^minikube 1\.22\.0 in .* is too old: 1\.34\.0 or newer is required/,
      /minikube 버전\(1\.22\.0\)이 너무 낮습니다/,
    ],
  ];
  for (const [what, LIST, VERSION, english, korean] of lists) {
    it(`${what} stops nothing if the node can pull, and is reported`, async () => {
      Object.assign(process.env, { LIST, VERSION });
      await loadImages(choice(), ["mysql:9"], () => Promise.resolve(false));
      await refused(
        loadImages(choice(), ["mysql:9"], () => Promise.resolve(true)),
        english,
        korean,
      );
    });
  }

  it("that did not load an image is reported, whatever it printed", async () => {
    await refused(
      copyImages(choice(), ["mysql:9", "wordpress:7"]),
      /Image wordpress:7 could not be copied/,
      /wordpress:7/,
    );
    process.env.FAIL = "yes";
    rmSync(join(folder, "calls.images"));
    await refused(
      copyImages(choice(), ["mysql:9"]),
      /mysql:9 could not be copied .*no space left on device/,
      /mysql:9/,
    );
  });
});
