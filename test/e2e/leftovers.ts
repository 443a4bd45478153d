import { minikubeTool, profileExists } from "../../tools/cluster/minikube";
import { dockerLabelKeys } from "../../components/names";
import { ownProfile, project } from "../../config";
import { run, sweep } from "./harness";

/** Before the first suite: a machine of CI may still hold what a run had made that was stopped half-way. */
export async function removeLeftovers(): Promise<void> {
  // Anywhere else these may be somebody's labs; there `up` says whose they are.
  if (process.env.CI !== "true") return;
  const found = sweep(`${dockerLabelKeys.project}=${project}`);
  // Built images carry no label, but the prefix of their suite.
  const images = run("docker", "image", "ls", "--format", "{{.Repository}}:{{.Tag}}").split("\n");
  for (const image of images.filter((name) => /^(ck|demo|plain|rvd?|stop)-/.test(name))) {
    run("docker", "image", "rm", image);
    found.push(`image ${image}`);
  }
  if (profileExists()) {
    await minikubeTool(true);
    run("minikube", "delete", "--profile", ownProfile);
    found.push(`cluster ${ownProfile}`);
  }
  if (found.length > 0) console.log(`Removed, left by a run that was stopped: ${found.join(", ")}`);
}
