import assert from "node:assert/strict";
import { Result } from "../../tools/checks/check";
import { padded } from "../../tools/checks/report/table";
import { docker, run } from "./harness";

/** A wrong state that looks right. */
export interface Mutant {
  /** Check that owns it: this one, and no other, fails. */
  owner: string;
  wrong: string;
  /** What the check says. */
  why: RegExp;
  /** Whether another check may own it the next moment, as where a container comes and goes. @default false */
  flips?: boolean;
  /** The one cause that `npm run doctor` names for it. @default not asked */
  doctor?: string;
  /** What it says to do next, or the commands that it ends with; every check has a wrong state where that is looked at, or done. @default not looked at */
  next?: RegExp;
  /** Whether the command that the check ends with is all it takes; it is then run instead of `undo`. @default false */
  mends?: boolean;
  make: () => unknown;
  undo: () => unknown;
}

/** Every wrong state that was told from a right one, in this file's run. */
const all: { owner: string; wrong: string; why: string; doctor?: string; nextToo: boolean; carriedOut?: string }[] = [];

const seen = ({ id, status, ...rest }: Result) => `${id} ${status}${"why" in rest ? `: ${rest.why.en}` : ""}`;

/** Makes a wrong state, looks at it as `npm run check` does, and expects exactly its owner to fail, for the right reason. */
export async function fails(
  { owner, wrong, why, next, doctor, mends, make, undo }: Mutant,
  look: () => Promise<Result[]>,
  causes: () => Promise<string[]> = () => Promise.resolve([]),
  well: () => Promise<void> = () => Promise.reject(new Error("nobody looks whether it is mended")),
): Promise<void> {
  let mended = false;
  try {
    await make();
    const results = await look();
    const failed = results.filter(({ status }) => status === "failed");
    assert.deepEqual(
      failed.map(({ id }) => id),
      [owner],
      results.map(seen).join("\n"),
    );
    const [first] = failed;
    assert.ok(first?.status === "failed");
    assert.match(first.why.en, why);
    assert.match(first.why.ko, /[가-힣]/);
    const command = first.next.en.split(": ").at(-1) ?? "";
    if (next) assert.ok(next.test(first.next.en) || next.test(command), `${first.next.en}\nis not ${String(next)}`);
    assert.match(command, /\S/);
    // A command is the same in both languages.
    if (first.next.ko !== first.next.en) assert.match(first.next.ko, /[가-힣]/);
    if (doctor !== undefined) assert.deepEqual(await causes(), [doctor]);
    all.push({ owner, wrong, why: first.why.en, doctor, nextToo: mends === true || next !== undefined });
    if (!mends) return;
    run("sh", "-c", command);
    await well();
    mended = true;
    all.at(-1)!.carriedOut = command;
  } finally {
    if (!mended) await undo();
  }
}

export function passes(results: readonly Result[]): void {
  assert.deepEqual(results.filter(({ status }) => status !== "passed").map(seen), []);
}

/**
 * The table of wrong states that were told from right ones, and by which check; at least three for every check, and one
 * of them with what it says to do next.
 */
export function mutantTable(checks: readonly string[]): string {
  const ours = new Set(checks);
  const rows = all.filter(({ owner }) => ours.has(owner));
  for (const id of checks) {
    const own = rows.filter(({ owner }) => owner === id);
    assert.ok(own.length >= 3, `${id} has ${own.length} wrong states`);
    assert.ok(
      own.some(({ nextToo }) => nextToo),
      `${id} has none where the next step is looked at`,
    );
  }
  const [first, second] = [
    Math.max(...rows.map(({ owner }) => owner.length)),
    Math.max(...rows.map(({ wrong }) => wrong.length)),
  ];
  const lines = rows.map(({ owner, wrong, why, doctor, carriedOut }) => {
    const cause =
      (doctor === undefined ? "" : ` [doctor: ${doctor}]`) +
      (carriedOut === undefined ? "" : ` [mended by: ${carriedOut}]`);
    return `    ${padded(owner, first)}  ${padded(wrong, second)}  ${why}${cause}`;
  });
  const done = rows.filter(({ carriedOut }) => carriedOut !== undefined).length;
  const head = `    ${padded("check", first)}  ${padded("wrong state", second)}  why it failed`;
  return [head, ...lines, `    ${done} of ${rows.length} mended by what the check said`].join("\n");
}

/** What is different about a container that takes another one's place. */
export interface Change {
  image?: string;
  publish?: string[];
  /** Options of `docker run` for mounts. @default those of the original's volumes */
  mounts?: string[];
  env?: Record<string, string>;
  network?: string;
  labels?: string[];
  command?: string[];
  entrypoint?: string[];
}

/** Arguments of `docker run` that make a container like another one, but for a change. */
export function like(original: string, change: Change): string[] {
  const [raw] = JSON.parse(docker("container", "inspect", original)) as [
    {
      Image: string;
      Config: { Env: string[]; Cmd: string[]; Entrypoint: string[] | null; Labels: Record<string, string> };
      HostConfig: { PortBindings: Record<string, { HostIp: string; HostPort: string }[]> | null };
      Mounts: { Type: string; Name: string; Destination: string }[];
      NetworkSettings: { Networks: Record<string, { Aliases: string[] | null }> };
    },
  ];
  const [[network, { Aliases }] = ["bridge", { Aliases: null }]] = Object.entries(raw.NetworkSettings.Networks);
  const ports = Object.entries(raw.HostConfig.PortBindings ?? {}).flatMap(([inside, on]) =>
    on.map(({ HostIp, HostPort }) => `${HostIp}:${HostPort}:${inside}`),
  );
  const mounts = raw.Mounts.map(({ Name, Destination }) => `--volume=${Name}:${Destination}`);
  const labels = Object.entries(raw.Config.Labels).map(([key, value]) => `${key}=${value}`);
  const [entrypoint, ...first] = change.entrypoint ?? raw.Config.Entrypoint ?? [];
  return [
    ...(change.publish ?? ports).map((port) => `--publish=${port}`),
    ...(change.mounts ?? mounts),
    ...raw.Config.Env.map((line) => `--env=${line}`),
    ...Object.entries(change.env ?? {}).map(([key, value]) => `--env=${key}=${value}`),
    ...(change.labels ?? labels).map((label) => `--label=${label}`),
    `--network=${change.network ?? network}`,
    ...(network === "bridge" ? [] : (Aliases ?? []).map((alias) => `--network-alias=${alias}`)),
    ...(entrypoint === undefined ? [] : [`--entrypoint=${entrypoint}`]),
    change.image ?? raw.Image,
    ...first,
    ...(change.command ?? raw.Config.Cmd),
  ];
}

/** Puts another container in the place of one, which is kept aside. */
export function replaced(name: string, change: Change): Pick<Mutant, "make" | "undo"> {
  const aside = `${name}-original`;
  let kept = false;
  return {
    make: () => {
      const args = like(name, change);
      docker("stop", "--time", "30", name);
      docker("rename", name, aside);
      kept = true;
      docker("run", "--detach", "--name", name, ...args);
    },
    undo: () => {
      if (!kept) return;
      docker("rm", "--force", "--volumes", name);
      docker("rename", aside, name);
      docker("start", name);
      kept = false;
    },
  };
}

/** Another container in the place of one, which is gone: for what the commands of a check have to make again. @param undo makes it again */
export const inPlace = (
  name: string,
  change: Change,
  undo: () => unknown,
): Pick<Mutant, "make" | "undo" | "mends"> => ({
  mends: true,
  make: () => {
    const args = like(name, change);
    docker("rm", "--force", name);
    docker("run", "--detach", "--name", name, ...args);
  },
  undo,
});
