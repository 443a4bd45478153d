import { Facts } from "../labs";
import { Settings } from "../../../config";
import { secretValues } from "../redact";
import { clusterApi, inTime } from "../../cluster/api";
import { unless } from "../../cluster/answers";
import { docker, reason } from "../../docker/docker";

/** All passwords of the checked containers and Secrets, which must not be shown. */
export async function secretsOf({ docker: engine, kubernetes }: Facts, settings: Settings): Promise<string[]> {
  const ids = engine?.containers.map(({ id }) => id) ?? [];
  const lists = ids.length > 0 ? await environments(ids) : "";
  const environment = lists.split("\n").flatMap((line) => (line ? ((JSON.parse(line) as string[] | null) ?? []) : []));
  if (!kubernetes || !("facts" in kubernetes.seen)) return secretValues(environment);
  const { core } = clusterApi(settings);
  // Secrets that cannot be read cannot have got into any output.
  const readable = await unless(403, inTime(core.listNamespacedSecret({ namespace: settings.kubernetesNamespace })));
  const kept = (readable?.items ?? [])
    .filter(({ type }) => type === "Opaque")
    .flatMap(({ data }) => Object.values(data ?? {}).map((value) => Buffer.from(value, "base64").toString("utf8")));
  return [...secretValues(environment), ...kept];
}

/** The environments of the containers, one line each. */
async function environments(ids: string[]): Promise<string> {
  try {
    return await docker("container", "inspect", "--format", "{{json .Config.Env}}", ...ids);
  } catch (error) {
    // A container was removed meanwhile; the others are still printed.
    if (/no such/i.test(reason(error))) return (error as { stdout: string }).stdout;
    throw error;
  }
}
