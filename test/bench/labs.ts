// The labs that the benches measure: a clone of this project, with names and ports that are in nobody's way.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { profileExists } from "../../tools/cluster/minikube";
import { ownProfile } from "../../config";
import { Outputs } from "../../outputs";
import { clone, remove } from "../e2e/harness";
import { Measured, measured, progress } from "./measure";

export const namespace = "bench";
export const nodePort = 30380;

const settings = `config:
  pulumi:disable-default-providers: [docker, kubernetes]
  course-labs:prefix: bench-
  course-labs:redisPort: 16379
  course-labs:composePort: 31000
  course-labs:kubernetesNamespace: ${namespace}
  course-labs:nodePort: ${nodePort}
`;

export class Labs {
  readonly folder = clone();
  /** Whether the cluster is there because of the benches. */
  private readonly clusterIsOurs = !profileExists();

  constructor() {
    writeFileSync(join(this.folder, "Pulumi.dev.yaml"), settings);
    process.env.PULUMI_CONFIG_PASSPHRASE = "bench";
  }

  /** `npm run …` in the clone, as it is typed. */
  async npm(command: string, ...args: string[]): Promise<Measured> {
    return measured("npm", ["run", "--silent", command, "--", ...args], { cwd: this.folder, env: { LC_ALL: "C" } });
  }

  /** Plain Pulumi on the same stack. */
  async pulumi(...args: string[]): Promise<Measured> {
    return measured("pulumi", [...args, "--stack", "dev", "--non-interactive"], { cwd: this.folder });
  }

  /** kubectl on the labs' cluster. */
  async kubectl(args: string[], input?: string): Promise<string> {
    return (await measured("kubectl", ["--context", ownProfile, ...args], { input })).stdout;
  }

  /** Provisions labs and returns the outputs. */
  async up(...labs: string[]): Promise<Outputs> {
    progress(`npm run up -- --labs ${labs.join(",")} …`);
    await this.npm("up", "--labs", labs.join(","));
    return JSON.parse((await this.npm("outputs", "--json")).stdout) as Outputs;
  }

  /** Removes the namespace with all that is in it, if it is there. */
  async deleteNamespace(): Promise<void> {
    await this.kubectl(["delete", "namespace", namespace, "--ignore-not-found", "--wait"]);
  }

  /** Lets the machine tidy up what a round has left, volumes and containers, so that the next one does not pay for it. */
  async settled(): Promise<void> {
    const path = "jsonpath={.items[*].spec.claimRef.namespace}";
    const volumes = () => this.kubectl(["get", "persistentvolumes", "--output", path]);
    while ((await volumes()).split(" ").includes(namespace)) await sleep(200);
    await sleep(5000);
    // What was deleted is given back to the disk only when that is written, and a database that starts would wait for it.
    if (process.platform !== "win32") await measured("sync", []);
  }

  /** Removes all that was made: the labs, the folders, and the cluster unless it was there before. */
  async remove(): Promise<void> {
    try {
      // What was made by hand; there may be no cluster any more, or not yet.
      await this.deleteNamespace().catch(() => undefined);
      await this.npm("destroy", ...(this.clusterIsOurs ? ["--cluster"] : []));
    } finally {
      remove(this.folder);
    }
  }
}

/** Waits for the page that a first visitor gets: the installer, or the blog. */
export async function firstPage(url: string): Promise<void> {
  for (;;) {
    const answer = await fetch(url, { redirect: "manual", signal: AbortSignal.timeout(10_000) }).catch(() => undefined);
    if (answer && [200, 302].includes(answer.status)) return;
    await sleep(100);
  }
}
