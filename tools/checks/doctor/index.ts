import { Facts } from "../labs";
import { Result } from "../check";
import { Target } from "../target";
import { diagnose } from "../../causes/kubernetes";
import { Ailment, same } from "../../causes/ailment";
import { Ask, dockerAilments } from "./docker";

/** What a failed check is called as a cause, where it has a name that people search for. */
function causeOf({ id, evidence }: Result): string {
  if (/\.database$/.test(id) && evidence.errno === 1045) return "wrong password";
  if (/\.page$/.test(id) && (evidence.is === "elsewhere" || evidence.is === "wordpress")) return "stale address";
  if (id === "kubernetes.services" && Object.values(evidence).some((seen) => leadsNowhere(seen))) return "no endpoints";
  if (id === "kubernetes.cluster" && evidence.problem !== undefined) return "cluster unreachable";
  return id;
}

const leadsNowhere = (seen: unknown) => {
  const { leadsTo } = (seen ?? {}) as { leadsTo?: unknown[] };
  return leadsTo?.length === 0;
};

/** Checks that fail only because of what the cluster tells more exactly. */
const follows = new Set(["claims", "mysql", "wordpress", "database", "page"].map((name) => `kubernetes.${name}`));

/**
 * What is wrong with the labs of a target: what Docker and the cluster tell first, then what only a check saw; nothing when all
 * is well.
 * @param results of the checks of that target
 */
export async function ailments(
  target: Target,
  { docker, kubernetes }: Facts,
  results: readonly Result[],
  ask: Ask,
): Promise<Ailment[]> {
  const onDocker = docker ? await dockerAilments(target, docker, ask) : [];
  const inCluster: Ailment[] =
    kubernetes && "facts" in kubernetes.seen
      ? // Not its workload: the checks ask for that, and `--json` does not have it.
        diagnose(kubernetes.seen.facts, target.kubernetes).map(({ cause, what, why, next, evidence }) => ({
          cause,
          what,
          why,
          next,
          evidence,
          lab: "kubernetes",
        }))
      : [];
  const explained = (result: Result) =>
    onDocker.some(({ lab, cause }) => lab === result.lab && cause !== "unhealthy") ||
    (inCluster.length > 0 && follows.has(result.id) && causeOf(result) === result.id);
  const seen: Ailment[] = results.flatMap((result) =>
    result.status === "failed" && !explained(result)
      ? [
          {
            cause: causeOf(result),
            lab: result.lab,
            what: {
              en: `${result.section} ${result.title.en}: no.`,
              ko: `${result.section} ${result.title.ko}: 아닙니다.`,
            },
            why: result.why,
            next: result.next,
            evidence: [],
          },
        ]
      : [],
  );
  const exact = seen.map(({ cause }) => cause);
  // A container that is not healthy, or a pod that is not ready, for a reason that a check found.
  const vague = ({ cause, lab }: Ailment) =>
    (cause === "unhealthy" || cause === "not ready") && seen.some((other) => other.lab === lab);
  const told = [...onDocker, ...inCluster].filter((ailment) => !vague(ailment));
  return [...told.filter(({ cause, lab }) => lab !== "kubernetes" || !exact.includes(cause)), ...seen].map((ailment) =>
    ailment.next.en === "" ? { ...ailment, next: same("npm run up") } : ailment,
  );
}
