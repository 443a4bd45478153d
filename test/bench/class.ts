// The class program against clusters of any size: a control plane whose nodes are entries in the API alone.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createServer, Server } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { seatPlaces } from "../../components/names";
import { parseSettings } from "../../config";
import { SeatOutputs } from "../../outputs";
import { followClass } from "../../tools/class/live";
import { ControlPlane, context, nodeName, residentMemory } from "../control-plane";
import { clone, processesIn, remove } from "../e2e/harness";
import { measured, progress, Report, table } from "./measure";

const sizes = [1, 30, 100, 300];
/** How much more than in proportion a quantity may grow. */
const tolerance = 1.25;
/** How long the page is watched while every student works, in milliseconds. */
const lesson = 60_000;

const namespace = "bench";
const nodePort = 30380;

/** What is found of a class of a size. */
interface Row {
  seats: number;
  up: number;
  preview: number;
  /** In MiB, of the API server when the seats stand, and of the Pulumi program at its largest. */
  apiServer: number;
  program: number;
  /** Requests until the page is there, and in the minute after that. */
  opened: number;
  minute: number;
  /** Milliseconds from what a student does to the page, in the middle of all that. */
  shown: number;
}

/** Runs a command in a clone, and weighs the Pulumi program meanwhile. */
async function weighed(folder: string, ...command: string[]): Promise<{ seconds: number; program: number }> {
  let [program, over] = [0, false];
  const weighing = (async () => {
    for (; !over; await sleep(250)) {
      const running = processesIn(folder).filter(({ command }) => command.includes("@pulumi/pulumi/cmd/run"));
      program = Math.max(program, ...running.map(({ pid }) => residentMemory(pid)));
    }
  })();
  try {
    const options = { cwd: folder, env: { LC_ALL: "C" } };
    const { seconds } = await measured("npm", ["run", "--silent", ...command], options);
    return { seconds, program };
  } finally {
    over = true;
    await weighing;
  }
}

/** A MySQL as a student might make it. */
const work = {
  metadata: { name: "mysql" },
  spec: {
    selector: { matchLabels: { app: "mysql" } },
    template: { metadata: { labels: { app: "mysql" } }, spec: { containers: [{ name: "mysql", image: "mysql:9" }] } },
  },
};

/** Opens the teacher's page, has every student work, and counts what the API server is asked for. */
async function watched(
  plane: ControlPlane,
  seats: readonly SeatOutputs[],
  settings: ReturnType<typeof parseSettings>,
): Promise<Pick<Row, "opened" | "minute" | "shown">> {
  const api = plane.api();
  // Lists over all namespaces, which the cluster's own programs have made long before, watches that go on, and logs.
  const asked = async () => {
    const counts = await Promise.all([
      plane.metric("apiserver_request_total", { verb: /^LIST$/, scope: /^cluster$/ }),
      plane.metric("apiserver_longrunning_requests", { verb: /^WATCH$/, scope: /^cluster$/ }),
      plane.metric("apiserver_request_total", { subresource: /^log$/ }),
    ]);
    return counts.reduce((sum, count) => sum + count);
  };
  const before = await asked();
  const following = await followClass(api, settings, seats);
  try {
    await sleep(2000);
    const open = await asked();
    const [began, last] = [Date.now(), seats[seats.length - 1]!];
    let since = NaN;
    const begun = (async () => {
      for (const { namespace } of seats) {
        if (namespace === last.namespace) since = Date.now();
        await api.apps.createNamespacedDeployment({ namespace, body: work });
      }
    })();
    let after = NaN;
    while (Number.isNaN(after) && Date.now() - began < lesson) {
      // As the page does.
      await sleep(500);
      const one = (await following.now()).find(({ seat }) => seat === last.seat);
      if (one?.state !== "not begun") after = Date.now() - since;
    }
    await begun;
    await sleep(Math.max(0, lesson - (Date.now() - began)));
    return { opened: open - before, minute: (await asked()) - open, shown: after };
  } finally {
    await following.stop();
  }
}

export async function ofSize(seats: number): Promise<Row> {
  progress(`class: ${seats} seats …`);
  // Somebody answers at the address that `up` opens in the end.
  const site: Server = createServer((_, response) => response.end()).listen(nodePort, "127.0.0.1");
  const plane = await ControlPlane.of(Math.max(1, Math.ceil(seats / 10)));
  const folder = clone();
  try {
    const given = {
      labs: ["kubernetes"],
      kubeconfig: plane.kubeconfig,
      kubeContext: context,
      kubeNode: nodeName(0),
      kubernetesNamespace: namespace,
      nodePort,
      prefix: "bench-",
      seats,
    };
    const lines = Object.entries(given).map(([key, value]) => `  course-labs:${key}: ${JSON.stringify(value)}`);
    writeFileSync(
      join(folder, "Pulumi.dev.yaml"),
      ["config:", "  pulumi:disable-default-providers: [docker, kubernetes]", ...lines, ""].join("\n"),
    );
    const up = await weighed(folder, "up");
    const preview = await weighed(folder, "preview");
    const settings = parseSettings(given);
    const places = seatPlaces(settings).map((place) => ({ ...place, url: "" }));
    const row = {
      ...{ seats, up: up.seconds, preview: preview.seconds, apiServer: plane.memory },
      ...{ program: up.program, ...(await watched(plane, places, settings)) },
    };
    progress(JSON.stringify(row));
    return row;
  } finally {
    remove(folder);
    await plane.stop();
    site.close();
  }
}

/** Quantities that grew by more than the seats did, with the tolerance. */
export function worseThanLinear(rows: readonly Row[]): string[] {
  const quantities = ["up", "preview", "apiServer", "program", "opened", "minute"] as const;
  return rows.slice(1).flatMap((row, i) => {
    const before = rows[i]!;
    const most = (row.seats / before.seats) * tolerance;
    return (
      quantities
        // Nothing asked is nothing to compare with; one request more is no growth.
        .filter((quantity) => row[quantity] > Math.max(1, before[quantity]) * most)
        .map((quantity) => {
          const grew = `${before[quantity].toFixed(1)} to ${row[quantity].toFixed(1)}`;
          return `from ${before.seats} to ${row.seats} seats, ${quantity} grew from ${grew}, more than ${most.toFixed(1)}-fold`;
        })
    );
  });
}

/** The class, for 1 to 300 seats. */
export async function school(): Promise<Report> {
  const rows: Row[] = [];
  for (const size of sizes) rows.push(await ofSize(size));
  return {
    markdown: table(
      [
        ...["seats", "`npm run up`", "`npm run preview`, nothing to do", "memory of the API server"],
        ...["memory of the program", "requests to open the page", "a minute while all work", "change shown after"],
      ],
      ...rows.map(({ seats, up, preview, apiServer, program, opened, minute, shown }) => [
        ...[String(seats), `${up.toFixed(1)} s`, `${preview.toFixed(1)} s`, `${apiServer.toFixed(0)} MiB`],
        ...[`${program.toFixed(0)} MiB`, String(opened), String(minute), `${shown} ms`],
      ]),
    ),
    broken: worseThanLinear(rows),
  };
}
