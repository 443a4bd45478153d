import { isDeepStrictEqual } from "node:util";
import { DockerfileParser, Instruction, ModifiableInstruction } from "dockerfile-ast";
import { parseAllDocuments } from "yaml";
import { same, Text } from "../../text";
import { compare } from "./compare";
import { isRoot } from "./openings/container";
import { items } from "./openings/opening";
import { judge } from "./judge";
import { isForeign } from "./resources/images";
import { Inputs, Warning, WarningKind } from "./resources/model";
import { Registered } from "./resources/register";
import { isSecretName, isWish } from "./resources/secret-names";
import { at, cutTo, differingKeys, shown } from "./resources/values";

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
  const bind = at(written, "type") === "bind" || /^[./~]/.test(shown(source));
  return { [bind ? "hostPath" : "volumeName"]: source, containerPath: target };
}

const mapped = (written: unknown): [name: string, value: unknown][] =>
  Array.isArray(written)
    ? written.map((entry) => /^([^=:]+)[=:]?(.*)$/s.exec(String(entry))!).map(([, name = "", value]) => [name, value])
    : Object.entries(written ?? {});

/** What compose makes: services become containers. @see https://docs.docker.com/reference/compose-file/services/ */
const composed = (file: unknown): Registered[] => [
  ...Object.entries((at(file, "volumes") ?? {}) as Record<string, Inputs | null>).map(([name, volume]) =>
    resource("docker:index/volume:Volume", name, { name, driver: volume?.driver, driverOpts: volume?.driver_opts }),
  ),
  ...Object.entries((at(file, "services") ?? {}) as Record<string, Inputs>).flatMap(([name, service]) => [
    resource("docker:index/remoteImage:RemoteImage", name, { name: service.image }),
    resource("docker:index/container:Container", name, {
      ...{ user: service.user, privileged: service.privileged, readOnly: service.read_only },
      ...{ networkMode: service.network_mode, pidMode: service.pid, ipcMode: service.ipc },
      ...{ usernsMode: service.userns_mode, cgroupnsMode: service.cgroup, groupAdds: service.group_add },
      ...{ securityOpts: service.security_opt, command: service.command, entrypoints: service.entrypoint },
      ...{ dns: service.dns, gpus: service.gpus, runtime: service.runtime, logDriver: at(service, "logging.driver") },
      ...{ cgroupParent: service.cgroup_parent, deviceCgroupRules: service.device_cgroup_rules },
      capabilities: { adds: service.cap_add, drops: service.cap_drop },
      devices: items(service.devices).map((device) => ({ hostPath: String(device).split(":")[0] })),
      envs: mapped(service.environment).map(([variable, value]) => `${variable}=${shown(value)}`),
      hosts: mapped(service.extra_hosts).map(([host, ip]) => ({ host, ip })),
      ports: items(service.ports).map(port),
      sysctls: Object.fromEntries(mapped(service.sysctls)),
      volumes: [
        ...items(service.volumes).map(mount),
        ...items(service.volumes_from).map((from) => ({ fromContainer: from })),
        ...(service.use_api_socket === true ? [{ hostPath: "/var/run/docker.sock", containerPath: "/" }] : []),
      ],
    }),
  ]),
];

/** Parts of a service that are judged above, or that open nothing. */
const knownParts = (
  "cap_add cap_drop cgroup cgroup_parent command device_cgroup_rules devices dns entrypoint environment " +
  "extra_hosts gpus group_add image ipc logging network_mode pid ports privileged read_only runtime " +
  "security_opt sysctls use_api_socket user userns_mode volumes volumes_from container_name depends_on deploy " +
  "healthcheck init labels restart stdin_open stop_grace_period stop_signal tty working_dir"
).split(" ");

/** A value that is written in the file, alone or where the shell has none, and no reference to one of the shell's. */
const isWritten = (value: unknown) => !/^$|\$(?!\{\w+:?-[^}])/.test(shown(value));

const writtenPasswords = (variables: unknown): string[] =>
  mapped(variables)
    .filter(([name, value]) => isSecretName(name) && !isWish(name) && isWritten(value))
    .map(([name]) => name);

const written = (file: string, what: Text, variable: string): Warning => ({
  ...{ kind: "security", dangerous: true, lab: file },
  text: {
    en: `${what.en}the password \`${variable}\` is written in the file. Take it from a variable of the shell.`,
    ko: `${what.ko}암호 \`${variable}\` 값이 파일에 적혀 있습니다. 셸의 변수에서 가져오세요.`,
  },
});

/** What of a compose file the rules for containers do not see. */
function besides(file: string, before: unknown, after: unknown): Warning[] {
  const [was, is] = [before, after].map((side) => (at(side, "services") ?? {}) as Record<string, Inputs>);
  const warnings: Warning[] = Object.entries(is!).flatMap(([name, service]) => {
    const old = was![name] ?? {};
    const known = writtenPasswords(old.environment);
    const passwords = writtenPasswords(service.environment).filter((variable) => !known.includes(variable));
    const others = differingKeys(old, service).filter((key) => !knownParts.includes(key));
    const what = { en: `service \`${name}\`: `, ko: `서비스 \`${name}\`: ` };
    return [
      ...passwords.map((variable) => written(file, what, variable)),
      ...others.map((key) =>
        unjudged(file, { en: `service \`${name}\`: \`${key}\``, ko: `서비스 \`${name}\`: \`${key}\`` }),
      ),
    ];
  });
  const tops = ["networks", "secrets", "configs", "include", "extends"];
  const changed = tops.filter((key) => !isDeepStrictEqual(at(before, key), at(after, key)));
  return [...warnings, ...changed.map((key) => unjudged(file, same(`\`${key}\``)))];
}

const unjudged = (file: string, { en, ko }: Text): Warning => ({
  ...{ kind: "unknown", dangerous: false, lab: file },
  text: {
    en: `${en} differs, and was not judged. Read what changes in it.`,
    ko: `${ko} 부분이 달라졌지만 판단하지 않았습니다. 무엇이 바뀌는지 읽어 보세요.`,
  },
});

const applied = (documents: readonly unknown[]): Registered[] =>
  documents.map((document) => {
    const [version, kind, name] = ["apiVersion", "kind", "metadata.name"].map((path) => shown(at(document, path)));
    return resource(`kubernetes:${version === "v1" ? "core/v1" : version}:${kind}`, name!, document as Inputs);
  });

function documentsOf(text: string): unknown[] | undefined {
  const parsed = parseAllDocuments(text);
  if (parsed.some(({ errors }) => errors.length > 0)) return undefined;
  return parsed.map((document) => document.toJS() as unknown).filter((document) => document !== null);
}

const isComposed = (documents: readonly unknown[]) =>
  documents.some((document) => at(document, "services") !== undefined);

/** What a file of the by-hand edition makes; nothing where it is not known how to read it. */
function resourcesOf(documents: readonly unknown[] | undefined): Registered[] | undefined {
  if (!documents) return undefined;
  if (isComposed(documents)) return composed(documents[0]);
  return documents.every((document) => at(document, "kind") !== undefined) ? applied(documents) : undefined;
}

const all = (text: string) => DockerfileParser.parse(text).getInstructions();

/** What the last stage of a Dockerfile leaves open. */
function stage(text: string): { user?: string; ports: string[] } {
  const instructions = all(text);
  const last = instructions.slice(instructions.map((instruction) => instruction.getKeyword()).lastIndexOf("FROM") + 1);
  const of = (keyword: string) =>
    last
      .filter((instruction) => instruction.getKeyword() === keyword)
      .map((instruction) => instruction.getArguments().map((argument) => argument.getValue()));
  const user = of("USER").pop()?.[0];
  return { ...(user === undefined ? {} : { user }), ports: of("EXPOSE").flat() };
}

/** The images that a Dockerfile begins its stages with, or copies from. */
function basesOf(text: string): Registered[] {
  const instructions = all(text);
  const of = (keyword: string) => instructions.filter((instruction) => instruction.getKeyword() === keyword);
  const words = (instruction: Instruction) => instruction.getArguments().map((argument) => argument.getValue());
  const defaults = new Map(of("ARG").map((one) => mapped([words(one)[0] ?? ""])[0]!));
  const stages = of("FROM").map((one) => words(one)[2]);
  const copied = of("COPY").flatMap((one) => /\s--from=(\S+)/.exec(lineOf(one))?.[1] ?? []);
  const images = [...of("FROM").map((one) => words(one)[0] ?? ""), ...copied.filter((from) => !/^\d+$/.test(from))]
    .filter((image) => !stages.includes(image))
    .map((image) =>
      image.replace(/\$\{?(\w+)\}?/g, (whole, argument: string) => shown(defaults.get(argument) ?? whole)),
    );
  return images.map((name, i) => resource("docker:index/remoteImage:RemoteImage", `base-${i + 1}`, { name }));
}

/** Which program reads a Dockerfile; Docker's own where it does not say. */
const readerOf = (text: string) =>
  DockerfileParser.parse(text)
    .getDirectives()
    .find((directive) => directive.getName().toLowerCase() === "syntax")
    ?.getValue() ?? "docker/dockerfile";

/** Instructions that are judged by themselves, or that put nothing into an image. */
const described = ["USER", "EXPOSE", "FROM", "LABEL", "MAINTAINER", "STOPSIGNAL", "WORKDIR"];

function lineOf(instruction: Instruction): string {
  const flags = instruction instanceof ModifiableInstruction ? instruction.getFlags().map(String) : [];
  const text = (instruction.getRawArgumentsContent() ?? "").replace(/\\?\s+/g, " ").trim();
  return [instruction.getKeyword(), ...flags, text].join(" ");
}

/** What an instruction lets into an image or out of a build. */
function opens(instruction: Instruction): Text | undefined {
  const [keyword, line] = [instruction.getKeyword(), lineOf(instruction)];
  if (keyword === "ADD" && /\s(https?|git|ssh):|\sgit@/.test(line) && !line.includes("--checksum=")) {
    return {
      en: "puts into the image what somebody's address has that day. Give it a `--checksum`",
      ko: "명령이 그날 그 주소에 있는 것을 이미지에 넣습니다. `--checksum` 옵션을 주세요",
    };
  }
  if (/^RUN (--\S+ )*--(security=insecure|network=host)/.test(line)) {
    return {
      en: "runs on the machine that builds, outside of the build's own walls",
      ko: "명령이 빌드의 격리 밖에서, 빌드하는 컴퓨터에서 실행됩니다",
    };
  }
  if (
    /^RUN .*(NOPASSWD|--allow-unauthenticated|--force-yes|trusted=yes|chmod \S*([ug]\+s|\b[2467][0-7]{3}\b))/.test(line)
  ) {
    return {
      en: "lets packages in that nobody signed, or its user become root",
      ko: "명령으로 서명되지 않은 패키지가 들어오거나, 사용자가 root가 될 수 있습니다",
    };
  }
  const [, name = "", value = ""] = /^(?:ENV|ARG) (\w+)[= ](.*)$/.exec(line) ?? [];
  if (isSecretName(name) && !isWish(name) && value !== "" && !value.startsWith("$")) {
    return {
      en: "writes a password into the image, for all who have it",
      ko: "명령이 암호를 이미지에 적습니다. 이미지를 가진 모두가 읽습니다",
    };
  }
  return undefined;
}

function built(file: string, before: string, after: string): Warning[] {
  const [was, is] = [stage(before), stage(after)];
  const warnings: Warning[] = [];
  const tell = (kind: WarningKind, dangerous: boolean, text: Text) =>
    warnings.push({ kind, dangerous, lab: file, text });
  if (was.user !== undefined && !isRoot(was.user) && (is.user === undefined || isRoot(is.user))) {
    tell("security", true, {
      en: `what is built runs as root instead of \`${was.user}\`. End the Dockerfile's stage with \`USER ${was.user}\`.`,
      ko: `만든 이미지가 \`${was.user}\` 대신 root로 실행됩니다. Dockerfile 단계의 끝에 \`USER ${was.user}\` 명령을 두세요.`,
    });
  }
  for (const number of is.ports.filter((number) => !was.ports.includes(number))) {
    tell("exposure", false, {
      en: `the image says that it listens on port \`${number}\`, which is open only where somebody publishes it.`,
      ko: `이미지가 \`${number}\` 포트를 쓴다고 밝힙니다. 누가 공개해야 열립니다.`,
    });
  }
  const [bases, images] = [basesOf(before), basesOf(after)];
  for (const warning of judge(compare(bases, images)))
    if (warning.kind === "version") tell("version", warning.dangerous, warning.text);
  const foreign = images.slice(bases.length).map(({ inputs }) => shown(inputs.name));
  const reader = readerOf(after) === readerOf(before) ? "docker/dockerfile" : readerOf(after);
  for (const image of [...(before === "" ? [] : foreign), reader].filter((image) =>
    isForeign("docker/dockerfile", image),
  )) {
    tell("security", true, {
      en: `\`${image}\` takes part in the build, and is somebody else's. Find out whose it is.`,
      ko: `\`${image}\` 이미지가 빌드에 쓰이는데, 다른 사람의 것입니다. 누구의 것인지 확인하세요.`,
    });
  }
  const known = new Set(all(before).map(lineOf));
  for (const instruction of all(after).filter((one) => !known.has(lineOf(one)))) {
    const [line, opened] = [cutTo(lineOf(instruction).replaceAll("`", "'"), 100), opens(instruction)];
    if (opened) tell("security", true, { en: `\`${line}\` ${opened.en}.`, ko: `\`${line}\` ${opened.ko}.` });
    else if (!described.includes(instruction.getKeyword()) && before !== "") {
      tell("unknown", false, {
        en: `what is built differs: \`${line}\`. What that does was not judged.`,
        ko: `만들어지는 것이 달라집니다: \`${line}\`. 무엇을 하는지는 판단하지 않았습니다.`,
      });
    }
  }
  return warnings;
}

/** A file loses nobody's data; it opens, loosens and moves what people make of it later. */
const kinds: readonly WarningKind[] = ["exposure", "security", "version", "unknown"];

/**
 * What a change of a file that people build from or apply by hand opens, loosens or moves to another version.
 * @returns nothing where it is not known how to read it
 */
export function byHand(file: string, before: string | undefined, after: string | undefined): Warning[] | undefined {
  if (/(^|\/)Dockerfile[^/]*$/.test(file)) return after === undefined ? [] : built(file, before ?? "", after);
  if (/(^|\/)\.env[^/]*$/.test(file)) {
    const [known, now] = [before, after].map((text = "") => writtenPasswords(text.match(/^\w+=.*$/gm) ?? []));
    return now!.filter((name) => !known!.includes(name)).map((name) => written(file, same(""), name));
  }
  if (!/\.ya?ml$/.test(file)) return undefined;
  const [old, now] = [documentsOf(before ?? ""), documentsOf(after ?? "")];
  const [was, is] = [resourcesOf(old), resourcesOf(now)];
  if (!was || !is) return undefined;
  const told = judge(compare(was, is), was).filter(({ kind }) => kinds.includes(kind));
  return [
    ...told.map((warning) => ({ ...warning, lab: file })),
    ...(isComposed([...old!, ...now!]) ? besides(file, old![0], now![0]) : []),
  ];
}
