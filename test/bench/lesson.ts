// A class as it is taught: seats for thirty on the real cluster, and three students who have the lab.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { seatPlaces } from "../../components/names";
import { ownProfile, parseSettings } from "../../config";
import { followClass } from "../../tools/class/live";
import { manifestFor } from "../../tools/class/hand-out";
import { clusterApi } from "../../tools/cluster/api";
import { namespace, Labs, nodePort } from "./labs";
import { median, progress, Report, spread, table, timed } from "./measure";

const seats = 30;
const students = 3;
const rounds = 3;

export async function lesson(labs: Labs): Promise<Report> {
  // The cluster and the teacher's lab are there before the class is.
  await labs.up("kubernetes");
  const file = join(labs.folder, "Pulumi.dev.yaml");
  writeFileSync(file, `${readFileSync(file, "utf8")}  course-labs:labs: [kubernetes]\n  course-labs:seats: ${seats}\n`);
  const settings = parseSettings({
    ...{ labs: ["kubernetes"], prefix: "bench-", kubernetesNamespace: namespace, nodePort, seats },
  });
  const places = seatPlaces(settings).map((place) => ({ ...place, url: "" }));

  progress(`lesson: ${seats} seats …`);
  const up = await timed(() => labs.npm("up"));
  const again = async (work: () => Promise<unknown>) => {
    const times: number[] = [];
    for (let round = 0; round < rounds; round++) times.push(await timed(work));
    return times;
  };
  const noUp = await again(() => labs.npm("up"));
  const preview = await again(() => labs.npm("preview"));

  const manifest = readFileSync(join(labs.folder, "docker/kubernetes/wordpress-k8s.yml"), "utf8");
  const passwords = ["--from-literal=password=by-hand", "--from-literal=root-password=by-hand"];
  progress(`lesson: ${students} students …`);
  const made = await timed(() =>
    Promise.all(
      places.slice(0, students).map(async (place) => {
        const inSeat = ["--namespace", place.namespace];
        await labs.kubectl([...inSeat, "create", "secret", "generic", "mysql", ...passwords]);
        await labs.kubectl(["apply", "--filename", "-"], manifestFor(manifest, place));
        await labs.kubectl([...inSeat, "rollout", "status", "deployment/wordpress", "--timeout=300s"]);
      }),
    ),
  );

  let [requests, done] = [0, 0];
  const opened = await again(async () => {
    const following = await followClass(clusterApi({ kubeContext: ownProfile }), settings, places);
    const all = await following.now();
    [requests, done] = [following.requests(), all.filter(({ state }) => state === "done").length];
    await following.stop();
  });
  const tabled = await again(() => labs.npm("class", "table"));
  const graded = await again(() => labs.npm("class", "grade", "grades.csv"));
  return {
    markdown: table(
      [`${seats} seats, the lab in ${students} of them, median of ${rounds}`, "time"],
      ["`npm run up`, once, beside the teacher's own lab", `${up.toFixed(1)} s`],
      ["`npm run up`, nothing to do", spread(noUp)],
      ["`npm run preview`, nothing to do", spread(preview)],
      [`${students} students make the lab at once, until WordPress is ready`, `${made.toFixed(1)} s`],
      [`the teacher's page, ${requests} requests`, spread(opened)],
      ["`npm run class -- table`", spread(tabled)],
      ["`npm run class -- grade`", spread(graded)],
    ),
    broken: [
      ...(done === students ? [] : [`the page shows ${done} seats as done, not ${students}`]),
      // Lists and watches, one a kind: not one for a seat.
      ...(requests <= 22 ? [] : [`the page makes ${requests} requests, more than two a kind`]),
      ...(median(opened) < 5 ? [] : [`the page takes ${median(opened).toFixed(1)} s to open`]),
    ],
  };
}
