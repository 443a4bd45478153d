import { DockerfileParser } from "dockerfile-ast";
import { parseAllDocuments } from "yaml";
import { Text } from "../text";
import { compare } from "./compare";
import { isRoot } from "./doors/container";
import { items } from "./doors/door";
import { judge } from "./judge";
import { Inputs, Warning, WarningKind } from "./model";
import { Registered } from "./register";
import { at, shown } from "./values";

/** A resource as a program would register it, so that the rules look at what people make by hand, too. */
const resource = (type: string, name: string, inputs: Inputs): Registered => ({
  ...{ urn: `urn:pulumi:by-hand::by-hand::${type}::${name}`, type, name, inputs },
  ...{ ignoreChanges: [], read: false },
});

/** `127.0.0.1:30000:80`, `30000:80` and `80`, or what compose calls its long form. */
function port(written: unknown): Inputs {
  if (typeof written === "object" && written !== null) {
    return { internal: at(written, "target"), external: at(written, "published"), ip: at(written, "host_ip") };
  }
  const text = String(written).replace(/\/\w+$/, "");
  const [, ip, external, internal = text] = /^(?:(?:(\[.+\]|[^:]+):)?(\d[\d-]*)?:)?(\d[\d-]*)$/.exec(text) ?? [];
  return { internal, external, ip: ip?.replace(/^\[|\]$/g, "") };
}

/** `/srv:/data:ro` or the long form; what is not a folder of the machine is a volume. */
function mount(written: unknown): Inputs {
  const [source, target] =
    typeof written === "object" && written !== null
      ? [at(written, "source"), at(written, "target")]
      : String(written).split(":");
  const bind = at(written, "type") === "bind" || /^[./~]/.test(shown(source ?? ""));
  return { [bind ? "hostPath" : "volumeName"]: source, containerPath: target };
}

/** Services of compose as the containers that they become. @see https://docs.docker.com/reference/compose-file/services/ */
const composed = (file: unknown): Registered[] =>
  Object.entries((at(file, "services") ?? {}) as Record<string, Inputs>).flatMap(([name, service]) => [
    resource("docker:index/remoteImage:RemoteImage", name, { name: service.image }),
    resource("docker:index/container:Container", name, {
      ...{ user: service.user, privileged: service.privileged, readOnly: service.read_only },
      ...{ networkMode: service.network_mode, pidMode: service.pid, ipcMode: service.ipc },
      ...{ usernsMode: service.userns_mode, securityOpts: service.security_opt, command: service.command },
      capabilities: { adds: service.cap_add, drops: service.cap_drop },
      devices: items(service.devices).map((device) => ({ hostPath: String(device).split(":")[0] })),
      ports: items(service.ports).map(port),
      volumes: items(service.volumes).map(mount),
    }),
  ]);

const applied = (documents: readonly unknown[]): Registered[] =>
  documents.map((document) => {
    const [version, kind, name] = ["apiVersion", "kind", "metadata.name"].map((path) => shown(at(document, path)));
    return resource(`kubernetes:${version === "v1" ? "core/v1" : version}:${kind}`, name!, document as Inputs);
  });

/** What a file of the by-hand edition makes; nothing where it is not known how to read it. */
function resourcesOf(text: string): Registered[] | undefined {
  const parsed = parseAllDocuments(text);
  if (parsed.some(({ errors }) => errors.length > 0)) return undefined;
  const documents = parsed.map((document) => document.toJS() as unknown).filter((document) => document !== null);
  if (documents.some((document) => at(document, "services") !== undefined)) return composed(documents[0]);
  return documents.every((document) => at(document, "kind") !== undefined) ? applied(documents) : undefined;
}

/** What the last stage of a Dockerfile leaves open. */
function stage(text: string): { user?: string; ports: string[] } {
  const all = DockerfileParser.parse(text).getInstructions();
  const last = all.slice(all.map((instruction) => instruction.getKeyword()).lastIndexOf("FROM") + 1);
  const of = (keyword: string) =>
    last
      .filter((instruction) => instruction.getKeyword() === keyword)
      .map((instruction) => instruction.getArguments().map((argument) => argument.getValue()));
  const user = of("USER").pop()?.[0];
  return { ...(user === undefined ? {} : { user }), ports: of("EXPOSE").flat() };
}

function built(file: string, before: string, after: string): Warning[] {
  const [was, is] = [stage(before), stage(after)];
  const warnings: Warning[] = [];
  const tell = (kind: WarningKind, dangerous: boolean, text: Text) =>
    warnings.push({ kind, dangerous, lab: file, text });
  if (was.user !== undefined && !isRoot(was.user) && (is.user === undefined || isRoot(is.user))) {
    tell("security", true, {
      en: `what is built runs as root instead of \`${was.user}\`. End the Dockerfile's stage with \`USER ${was.user}\`.`,
      ko: `만든 이미지가 \`${was.user}\` 대신 root 로 실행됩니다. Dockerfile 단계의 끝에 \`USER ${was.user}\` 를 두세요.`,
    });
  }
  for (const number of is.ports.filter((number) => !was.ports.includes(number))) {
    tell("exposure", false, {
      en: `the image says that it listens on port \`${number}\`, which is open only where somebody publishes it.`,
      ko: `이미지가 \`${number}\` 포트를 쓴다고 밝힙니다. 누가 공개해야 열립니다.`,
    });
  }
  return warnings;
}

/** Nobody's volume is taken away by a file: of these kinds is what people make of it later. */
const kinds: readonly WarningKind[] = ["exposure", "security", "version"];

/**
 * What a change of a file that people build from or apply by hand opens, loosens or moves to another version.
 * @returns nothing where it is not known how to read it
 */
export function byHand(file: string, before: string | undefined, after: string | undefined): Warning[] | undefined {
  if (/(^|\/)Dockerfile[^/]*$/.test(file))
    return before === undefined || after === undefined ? [] : built(file, before, after);
  if (!/\.ya?ml$/.test(file)) return undefined;
  const [was, is] = [resourcesOf(before ?? ""), resourcesOf(after ?? "")];
  if (!was || !is) return undefined;
  return judge(compare(was, is))
    .filter(({ kind }) => kinds.includes(kind))
    .map((warning) => ({ ...warning, lab: file }));
}
