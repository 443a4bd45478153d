import { Facts } from "../labs";
import { Settings } from "../../../config";
import { secretValues } from "../redact";
import { clusterApi, inTime } from "../../cluster/api";
import { unless } from "../../cluster/answers";
import { docker, reason } from "../../docker/docker";

/** Every password that the containers and Secrets which were looked at have: what must not be shown. */
export async function secretsOf({ docker: engine, kubernetes }: Facts, settings: Settings): Promise<string[]> {
  const ids = engine?.containers.map(({ id }) => id) ?? [];
  const lists = ids.length > 0 ? await environments(ids) : "";
  const environment = lists.split("\n").flatMap((line) => (line ? ((JSON.parse(line) as string[] | null) ?? []) : []));
  if (!kubernetes || !("facts" in kubernetes.seen)) return secretValues(environment);
  const { core } = clusterApi(settings);
  // What we may not read has not come into anything that we say.
  const readable = await unless(403, inTime(core.listNamespacedSecret({ namespace: settings.kubernetesNamespace })));
  const kept = (readable?.items ?? [])
    .filter(({ type }) => type === "Opaque")
    .flatMap(({ data }) => Object.values(data ?? {}).map((value) => Buffer.from(value, "base64").toString("utf8")));
  return [...secretValues(environment), ...kept];
}

/** The containers' environments, a line each. */
async function environments(ids: string[]): Promise<string> {
  try {
    return await docker("container", "inspect", "--format", "{{json .Config.Env}}", ...ids);
  } catch (error) {
    // One is gone by now; the others are told nevertheless.
    if (/no such/i.test(reason(error))) return (error as { stdout: string }).stdout;
    throw error;
  }
}
