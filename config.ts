import { delimiter } from "node:path";
import { allConfig } from "@pulumi/pulumi/runtime/config";
import * as v from "valibot";
import { parseImage } from "./config/image-name";
import { quantity as readQuantity } from "./config/quantity";
import { numberedSeats, seatName } from "./config/seat-name";
import { LabError, lines, Text } from "./text";

/** Namespace of the settings, and the project's name in Pulumi.yaml. */
export const project = "course-labs";

/** The minikube profile that the commands start and delete; its context, node and container have the same name. */
export const ownProfile = "course-labs";

/**
 * Environment variable with the labs of one run (`npm run up -- --labs …`). It overrides the setting `labs`; plain
 * `pulumi` does not set it.
 */
export const labsVariable = "COURSE_LABS_ONLY";

/** The labs of the course, in the order of the course. */
export const labNames = ["redis", "registry", "compose", "kubernetes"] as const;
export type LabName = (typeof labNames)[number];

/** Reports whether any of the labs runs directly on Docker instead of on a cluster. */
export const usesDocker = (labs: readonly LabName[]) => labs.some((lab) => lab !== "kubernetes");

/** Valid ports are 1 to 65535. @see https://docs.docker.com/reference/cli/docker/container/run/#publish */
export function isPort(value: string): boolean {
  return /^\d{1,5}$/.test(value) && Number(value) >= 1 && Number(value) <= 65535;
}

/**
 * Valid node ports are 30000 to 32767, the API server's default range.
 * @see https://kubernetes.io/docs/concepts/services-networking/service/#type-nodeport
 */
export function isNodePort(value: string): boolean {
  return /^\d{5}$/.test(value) && Number(value) >= 30000 && Number(value) <= 32767;
}

/** Reports whether a value is a valid image reference. @see https://pkg.go.dev/github.com/distribution/reference */
export function isImageName(value: string): boolean {
  const host = /(?:[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?(?::\d+)?\/)?/.source;
  const part = /[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*/.source;
  const tag = /(?::\w[\w.-]{0,127})?/.source;
  const digest = /(?:@sha256:[0-9a-f]{64})?/.source;
  return new RegExp(`^${host}${part}(?:/${part})*${tag}${digest}$`).test(value);
}

/** Reports whether a value is a valid volume size, a positive quantity. @see https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/ */
export function isQuantity(value: string): boolean {
  return /^(?=.*[1-9])\d+(?:\.\d+)?(?:[KMGTP]i|[kMGTP])?$/.test(value);
}

/** Reports whether a value is a valid name of a Kubernetes object. @see https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#dns-label-names */
export function isDnsLabel(value: string): boolean {
  return /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(value);
}

/** Ports can be published on an IPv4 address only. */
export function isAddress(value: string): boolean {
  return v.is(v.pipe(v.string(), v.ipv4()), value);
}

/** Spaces and marks that look like a usual space, or like nothing. */
const invisible = /(?! )[\s\p{C}]/gu;

/** Describes an invalid setting: its name, its value, what is allowed, and a line that would be correct. */
function problem(key: string, value: unknown, example: string, must: Text): Text {
  const shown =
    typeof value === "string"
      ? `"${value.replace(invisible, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`)}"`
      : JSON.stringify(value);
  const line = `${project}:${key}: ${example}`;
  return {
    en: `Setting ${project}:${key} is ${shown}: ${must.en} Correct it in the stack's settings file, for example in Pulumi.dev.yaml: ${line}`,
    ko: `${project}:${key} 설정의 값이 ${shown}입니다. ${must.ko} 스택 설정 파일(예: Pulumi.dev.yaml)에서 다음과 같이 고치세요. ${line}`,
  };
}

interface Rule {
  accepts: (value: string) => boolean;
  must: Text;
  /** A more specific reason than `must` for rejecting a value, if there is one. */
  but?: (value: string) => Text | undefined;
  example: string;
}

const rule = (example: string, accepts: Rule["accepts"], must: Text): Rule => ({ example, accepts, must });

const port = rule("6379", isPort, {
  en: "it must be a port, a whole number from 1 to 65535.",
  ko: "포트는 1부터 65535 사이의 정수여야 합니다.",
});
const nodePort = rule("30080", isNodePort, {
  en: "it must be a node port, a whole number from 30000 to 32767.",
  ko: "노드포트는 30000부터 32767 사이의 정수여야 합니다.",
});
/** Images that can be pulled and started but do not work in the labs. */
interface Foreign {
  /** Decides by the repository, without the registry, and the tag. */
  is: (repository: string, tag: string) => boolean;
  but: Text;
}
const refused = (is: Foreign["is"], but: Text): Foreign => ({ is, but });

const bitnami = refused((repository) => /(^|\/)bitnami[a-z]*\//.test(repository), {
  en: "Bitnami images store their data in a different directory, so the data would be deleted with the container.",
  ko: "Bitnami 이미지는 데이터를 다른 디렉터리에 저장하므로 컨테이너를 삭제하면 데이터도 사라집니다.",
});
/** Matches the last part of the repository, which names the program. */
const program = (names: RegExp) => (repository: string) => names.test(repository.split("/").pop() ?? "");
const notMysql: Foreign[] = [
  bitnami,
  refused(program(/mariadb|percona/), {
    en: "the labs use MySQL. MariaDB and Percona have different commands and a different data format.",
    ko: "이 실습의 데이터베이스는 MySQL입니다. MariaDB와 Percona는 명령어와 데이터 파일 형식이 다릅니다.",
  }),
  refused(
    program(/^(postgres|postgis|mongo|wordpress|phpmyadmin|adminer)|^(redis|debian|ubuntu|alpine|nginx|httpd|php)$/),
    { en: "it must be a MySQL image.", ko: "MySQL 이미지여야 합니다." },
  ),
];
const notWordpress: Foreign[] = [
  bitnami,
  refused(
    program(
      /^(mysql|mariadb|percona|postgres|phpmyadmin)|^(redis|debian|ubuntu|alpine|nginx|httpd|php|drupal|joomla)$/,
    ),
    { en: "it must be a WordPress image.", ko: "WordPress 이미지여야 합니다." },
  ),
  refused((_, tag) => /(^|-)(fpm|cli)(-|$)/.test(tag), {
    en: "images with this tag contain no web server. Use a tag that contains apache.",
    ko: "이 태그의 이미지에는 웹 서버가 없습니다. 태그에 apache가 들어 있는 이미지를 쓰세요.",
  }),
];
const image = (example: string, foreign: readonly Foreign[] = []): Rule => {
  const found = (value: string) => {
    if (!isImageName(value)) return undefined;
    const { repository, tag = "" } = parseImage(value);
    return foreign.find(({ is }) => is(repository, tag));
  };
  return {
    accepts: (value) => isImageName(value) && found(value) === undefined,
    must: {
      en: "it must be an image name such as repository:tag, in lower case and without spaces.",
      ko: "저장소:태그 형식의 이미지 이름이어야 하며, 대문자와 공백은 쓸 수 없습니다.",
    },
    but: (value) => found(value)?.but,
    example,
  };
};
const builtImage = rule("redis:v1.0", (value) => isImageName(value) && !value.includes("@") && /:[^/]+$/.test(value), {
  en: "it must be the name and tag of the image to build, such as redis:v1.0.",
  ko: "빌드할 이미지의 이름과 태그여야 합니다(예: redis:v1.0).",
});
const quantity = rule("1Gi", isQuantity, {
  en: "it must be a size such as 512Mi or 1Gi.",
  ko: "512Mi, 1Gi와 같은 크기여야 합니다.",
});
/** Namespaces that every cluster has. */
const ofKubernetes = (value: string) => value === "default" || value.startsWith("kube-");
const namespace: Rule = {
  ...rule("wordpress", (value) => isDnsLabel(value) && !ofKubernetes(value), {
    en: "it must be at most 63 lower-case letters, digits and hyphens, and must not begin or end with a hyphen.",
    ko: "소문자, 숫자, 하이픈으로 된 63자 이하의 이름이어야 하며, 하이픈으로 시작하거나 끝날 수 없습니다.",
  }),
  but: (value) =>
    ofKubernetes(value)
      ? { en: "this namespace is Kubernetes's own.", ko: "쿠버네티스 자체의 네임스페이스입니다." }
      : undefined,
};
const address = rule("127.0.0.1", isAddress, {
  en: "it must be an IPv4 address of this machine: 127.0.0.1 (reachable from this machine only) or 0.0.0.0 (reachable from everywhere).",
  ko: "이 컴퓨터의 IPv4 주소여야 합니다. 127.0.0.1(이 컴퓨터에서만 접속 가능) 또는 0.0.0.0(어디서나 접속 가능)을 쓰세요.",
});
const prefix = rule("kim-", (value) => value === "" || /^[a-z0-9][a-z0-9-]{0,30}$/.test(value), {
  en: "it must be at most 31 lower-case letters, digits and hyphens, and begin with a letter or digit, such as kim-.",
  ko: "소문자, 숫자, 하이픈으로 된 31자 이하의 문자열이어야 하며, 소문자나 숫자로 시작해야 합니다(예: kim-).",
});
const host = rule(
  "localhost",
  // What ends in a number is an address in every URL.
  (value) =>
    isAddress(value) ||
    /^(?=.{1,253}$)(?!-)(?!(.*\.)?(\d+|0x[\da-f]*)$)[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})*$/i.test(value),
  {
    en: "it must be a host name or an IPv4 address, without http:// and without a port.",
    ko: "호스트 이름이나 IPv4 주소여야 하며, http://와 포트는 빼고 써야 합니다.",
  },
);
/** A whole number from one to the other. */
const whole = (least: number, most: number, example: string) =>
  rule(example, (value) => /^[1-9]\d{0,5}$/.test(value) && Number(value) >= least && Number(value) <= most, {
    en: `it must be a whole number from ${least} to ${most}.`,
    ko: `${least}부터 ${most} 사이의 정수여야 합니다.`,
  });
const yesOrNo = rule("true", (value) => value === "true" || value === "false", {
  en: "it must be true or false.",
  ko: "true 또는 false여야 합니다.",
});
const network = rule(
  "10.244.0.0/16",
  (value) => {
    const [address = "", length = ""] = value.split("/");
    return isAddress(address) && /^(?:[89]|[12]\d|3[0-2])$/.test(length) && value.split("/").length === 2;
  },
  {
    en: "it must be the address range of the cluster's pods, such as 10.244.0.0/16.",
    ko: "클러스터의 파드가 쓰는 주소 범위여야 합니다(예: 10.244.0.0/16).",
  },
);
/** What a shell would replace, and a drive where there are none. */
const elsewhere = delimiter === ":" ? /[$%]|^[a-z]:[\\/]/i : /[$%]/;
const anyText = (example: string) =>
  rule(example, (value) => value.trim() === value && value !== "", {
    en: "it must not be empty, and must not begin or end with a space.",
    ko: "비어 있거나 앞뒤에 공백이 있으면 안 됩니다.",
  });

const kubeconfig: Rule = {
  ...anyText("~/.kube/config"),
  accepts: (value) => anyText("").accepts(value) && !elsewhere.test(value),
  but: (value) =>
    elsewhere.test(value)
      ? {
          en: "it must be a path on this system, without variables; in WSL, C: is /mnt/c.",
          ko: "이 시스템의 경로여야 하며 변수는 쓸 수 없습니다. WSL에서 C:는 /mnt/c입니다.",
        }
      : undefined,
};

/** A check with a message in both languages: valibot allows one string, so the message is JSON with both. */
const check = (accepts: (value: unknown) => boolean, told: (value: unknown) => Text) =>
  v.check<unknown, (issue: v.CheckIssue<unknown>) => string>(accepts, ({ input }) => JSON.stringify(told(input)));

/** A text setting. Plain `pulumi` passes text only, but a number in a settings file is parsed as a number. */
const setting = (key: string, rule: Rule) =>
  v.pipe(
    v.unknown(),
    v.transform((value) => (typeof value === "number" ? String(value) : value)),
    check(
      (value) => typeof value === "string" && rule.accepts(value),
      (value) => problem(key, value, rule.example, (typeof value === "string" && rule.but?.(value)) || rule.must),
    ),
    v.transform((value) => value as string),
  );

const numeric = (key: string, rule: Rule) => v.pipe(setting(key, rule), v.transform(Number));

/** A boolean in a stack's file, which plain `pulumi` passes as text. */
const flag = (key: string) =>
  v.pipe(
    v.unknown(),
    v.transform((value) => (typeof value === "boolean" ? String(value) : value)),
    setting(key, yesOrNo),
    v.transform((value) => value === "true"),
  );

/** `["redis","compose"]` as JSON or YAML, or `redis,compose` as typed on a command line. */
function asList(value: unknown): unknown {
  if (typeof value !== "string") return value;
  if (value.trim().startsWith("[")) {
    try {
      return JSON.parse(value) as unknown;
    } catch {
      // Not a list, which the rules report.
      return value;
    }
  }
  return value.split(",").map((part) => part.trim());
}

const isLab = (value: unknown) => (labNames as readonly unknown[]).includes(value);

const labList = v.pipe(
  v.unknown(),
  v.transform(asList),
  check(
    (value) => Array.isArray(value) && value.length > 0 && value.every(isLab),
    (value) => {
      const chosen: unknown[] = Array.isArray(value) ? value : [];
      const wrong = chosen.length > 0 ? chosen.find((lab) => !isLab(lab)) : value;
      const names = labNames.join(", ");
      const must = { en: `the labs are ${names}.`, ko: `사용할 수 있는 실습: ${names}.` };
      return problem("labs", wrong, "[redis, compose]", must);
    },
  ),
  v.transform((value) => labNames.filter((lab) => (value as unknown[]).includes(lab))),
);

/** More than any class has; every seat needs a node port and about ten objects. */
const mostSeats = 500;

const isCount = (value: unknown): value is string | number =>
  /^\s*\d{1,5}\s*$/.test(String(value)) && (typeof value === "string" || typeof value === "number");
const written = (value: unknown) => (typeof value === "number" ? String(value) : value);
const isSeat = (value: unknown) => typeof value === "string" && seatName(value) !== undefined;

/** What is wrong with the setting of the seats: the value to report, and what it must be. */
function wrongSeats(value: unknown): { value: unknown; must: Text; example: string } | undefined {
  const example = "[lee, kim]";
  if (isCount(value)) {
    if (Number(value) <= mostSeats) return undefined;
    const must = {
      en: `a class has at most ${mostSeats} seats. Use two stacks, each with its own prefix.`,
      ko: `한 반의 자리는 ${mostSeats}개까지입니다. 스택을 둘로 나누고 prefix를 서로 다르게 지정하세요.`,
    };
    return { value, must, example: "30" };
  }
  if (!Array.isArray(value) || value.length > mostSeats) {
    const must = {
      en: `it must be a number of seats, or a list of at most ${mostSeats} names.`,
      ko: `자리의 수이거나 ${mostSeats}개 이하의 이름 목록이어야 합니다.`,
    };
    return { value: Array.isArray(value) ? `${value.length} names` : value, must, example };
  }
  const names = value.map(written);
  const wrong = names.find((name) => !isSeat(name));
  if (wrong !== undefined) {
    const must = {
      en: "it cannot be the name of a seat. Use Latin letters, Hangul and digits, at most 40 characters when written in Latin letters.",
      ko: "자리 이름으로 쓸 수 없습니다. 한글, 로마자, 숫자만 쓸 수 있으며 로마자로 바꾸었을 때 40자 이하여야 합니다.",
    };
    return { value: wrong, must, example: "[lee, kim]" };
  }
  const seats = (names as string[]).map((text) => ({ text, name: seatName(text)!.name }));
  const twice = seats.find((seat, i) => seats.slice(0, i).some(({ name }) => name === seat.name));
  if (!twice) return undefined;
  const first = seats.find(({ name }) => name === twice.name)!;
  return {
    value: first.text === twice.text ? twice.text : `${first.text}, ${twice.text}`,
    must: {
      en: `two seats would have the same name, "${twice.name}". Make them different, for example with a number.`,
      ko: `두 자리의 이름이 같아집니다("${twice.name}"). 숫자를 붙이는 등 서로 다르게 쓰세요.`,
    },
    example: `[${first.text}, ${twice.text}-2]`,
  };
}

const seatList = v.pipe(
  v.unknown(),
  v.transform((value) => (isCount(value) ? value : asList(value))),
  check(
    (value) => wrongSeats(value) === undefined,
    (value) => {
      const wrong = wrongSeats(value)!;
      return problem("seats", wrong.value, wrong.example, wrong.must);
    },
  ),
  v.transform((value) => (isCount(value) ? numberedSeats(Number(value)) : (value as unknown[]).map(String))),
);

/**
 * All settings of the stack with their defaults. In the settings file, a setting is called `course-labs:<key>`.
 * @see https://www.pulumi.com/docs/iac/concepts/config/
 */
const schema = v.object({
  /** The enabled labs. @default all four */
  labs: v.optional(labList, [...labNames]),
  /** Prefix of the names of all containers, networks, volumes and built images. @default none, the course's names */
  prefix: v.optional(setting("prefix", prefix), ""),
  /** Address that published ports are bound to. @default 127.0.0.1, this machine only */
  bindAddress: v.optional(setting("bindAddress", address), "127.0.0.1"),
  /** Host port of the Redis lab. @default 6379 */
  redisPort: v.optional(numeric("redisPort", port), "6379"),
  /** Name and tag of the image that the Redis lab builds. @default redis:v1.0 */
  redisImage: v.optional(setting("redisImage", builtImage), "redis:v1.0"),
  /** Base image of the Redis image; ubuntu:18.04, which the course uses, has reached its end of life. @default ubuntu:24.04 */
  redisBaseImage: v.optional(setting("redisBaseImage", image("ubuntu:24.04")), "ubuntu:24.04"),
  /** Image that the registry lab pulls. @default debian:12 */
  registryImage: v.optional(setting("registryImage", image("debian:12")), "debian:12"),
  /** Host port of the compose lab's WordPress. @default 30000 */
  composePort: v.optional(numeric("composePort", { ...port, example: "30000" }), "30000"),
  /** MySQL image of both WordPress labs. @default mysql:9.7.2 */
  mysqlImage: v.optional(setting("mysqlImage", image("mysql:9.7.2", notMysql)), "mysql:9.7.2"),
  /** WordPress image of both WordPress labs. @default wordpress:7.1.0-php8.3-apache */
  wordpressImage: v.optional(
    setting("wordpressImage", image("wordpress:7.1.0-php8.3-apache", notWordpress)),
    "wordpress:7.1.0-php8.3-apache",
  ),
  /** Path of the kubeconfig file. @default the one that kubectl uses */
  kubeconfig: v.optional(setting("kubeconfig", kubeconfig)),
  /**
   * Context of the kubeconfig that the Kubernetes lab is deployed to. The commands create and delete only the minikube
   * cluster of the default; any other cluster must already be running. @default course-labs
   */
  kubeContext: v.optional(setting("kubeContext", anyText(ownProfile)), ownProfile),
  /** Node whose address is used to open the Kubernetes lab. @default the name of the context, as with minikube */
  kubeNode: v.optional(setting("kubeNode", anyText(ownProfile))),
  /** Host name in the address of the Kubernetes lab's WordPress. @default see {@link nodeHost} in components/addresses.ts */
  kubernetesHost: v.optional(setting("kubernetesHost", host)),
  /** Namespace of the Kubernetes lab, which the lab creates. @default wordpress */
  kubernetesNamespace: v.optional(setting("kubernetesNamespace", namespace), "wordpress"),
  /** Node port of the Kubernetes lab's WordPress. @default 30080 */
  nodePort: v.optional(numeric("nodePort", nodePort), "30080"),
  /** Size of MySQL's PersistentVolumeClaim. @default 1Gi */
  mysqlStorage: v.optional(setting("mysqlStorage", quantity), "1Gi"),
  /** Size of WordPress's PersistentVolumeClaim. @default 1Gi */
  wordpressStorage: v.optional(setting("wordpressStorage", quantity), "1Gi"),
  /** Seats of a class beside the Kubernetes lab: how many, or the students' names. @default none, and no class */
  seats: v.optional(seatList, []),
  /** Memory that the pods of a seat may use together. @default 1536Mi */
  seatMemory: v.optional(setting("seatMemory", quantity), "1536Mi"),
  /** Storage that the claims of a seat may ask for together. @default 2Gi */
  seatStorage: v.optional(setting("seatStorage", quantity), "2Gi"),
  /** Whether each seat has WordPress and MySQL in it from the beginning. @default false, the students make them */
  seatLab: v.optional(flag("seatLab"), false),
  /** Hours after which the access that was handed out ends. @default 8 */
  seatHours: v.optional(numeric("seatHours", whole(1, 720, "8")), "8"),
  /** Address range of the cluster's pods, needed to keep seats apart. @default 10.244.0.0/16, that of minikube */
  podNetwork: v.optional(setting("podNetwork", network), "10.244.0.0/16"),
});

/** Adds the defaults that depend on other settings. */
const completed = v.pipe(
  schema,
  v.transform((settings) => ({ ...settings, kubeNode: settings.kubeNode ?? settings.kubeContext })),
);

/** The validated settings of a stack. */
export type Settings = v.InferOutput<typeof completed>;

/** The names of the settings, without their namespace. */
export const settingNames = Object.keys(schema.entries) as (keyof Settings)[];

/** A size in bytes. */
const bytes = (size: string) => readQuantity(size)!;

/** What the pods of the lab may use together, see {@link podMemory} in components/wordpress-app.ts. */
const labMemory = "1Gi";

/** The namespace of a seat. */
export const seatNamespace = ({ prefix }: Pick<Settings, "prefix">, text: string) =>
  `${prefix}seat-${seatName(text)!.name}`;

/** Conflicts between the settings of a class and others. */
function* seatProblems(settings: Settings): Generator<Text> {
  const { seats, nodePort, kubernetesNamespace } = settings;
  const namespaces = seats.map((seat) => ({ seat, namespace: seatNamespace(settings, seat) }));
  const long = namespaces.find(({ namespace }) => !isDnsLabel(namespace));
  const same = namespaces.find(({ namespace }) => namespace === kubernetesNamespace);
  const last = nodePort + seats.length;
  const own = [
    ...(settings.labs.includes("redis") ? [settings.redisPort] : []),
    ...(settings.labs.includes("compose") ? [settings.composePort] : []),
  ].find((port) => port > nodePort && port <= last);
  if (!isNodePort(String(last)))
    yield problem("nodePort", nodePort, "30080", {
      en: `each of the ${seats.length} seats needs one of the node ports after it, but node ports end at 32767.`,
      ko: `자리 ${seats.length}개에 그다음 노드포트가 하나씩 필요한데 노드포트는 32767까지입니다.`,
    });
  if (own !== undefined)
    yield problem("nodePort", nodePort, String(own + 1), {
      en: `the seats use the node ports ${nodePort + 1} to ${last}, but another lab uses ${own}.`,
      ko: `자리가 노드포트 ${nodePort + 1}–${last} 범위를 쓰는데 다른 실습도 ${own}번 포트를 씁니다.`,
    });
  if (long)
    yield problem("seats", long.seat, "[lee, kim]", {
      en: `its namespace would be ${long.namespace}, which is longer than 63 characters. Shorten it, or ${project}:prefix.`,
      ko: `네임스페이스가 63자보다 긴 ${long.namespace} 이름이 됩니다. 이 이름이나 ${project}:prefix를 줄이세요.`,
    });
  if (same)
    yield problem("kubernetesNamespace", kubernetesNamespace, "wordpress", {
      en: "a seat of the class uses this namespace.",
      ko: "이 반의 자리가 쓰는 네임스페이스입니다.",
    });
}

/** What a seat needs to contain the lab from the start. */
function* seatLabProblems({ seatMemory, seatStorage, mysqlStorage, wordpressStorage }: Settings): Generator<Text> {
  if (bytes(seatMemory) < bytes(labMemory))
    yield problem("seatMemory", seatMemory, "1536Mi", {
      en: `WordPress and MySQL in a seat (${project}:seatLab) need up to ${labMemory}.`,
      ko: `자리 안의 WordPress와 MySQL(${project}:seatLab)에 ${labMemory}가 필요합니다.`,
    });
  const storage = bytes(mysqlStorage) + bytes(wordpressStorage);
  if (bytes(seatStorage) < storage) {
    const needed = `${Math.ceil(storage / 2 ** 20)}Mi`;
    yield problem("seatStorage", seatStorage, needed, {
      en: `the PersistentVolumeClaims of a seat's lab (mysqlStorage, wordpressStorage) need ${needed} together.`,
      ko: `자리 안 실습의 PVC(mysqlStorage, wordpressStorage)에 필요한 크기는 모두 ${needed}입니다.`,
    });
  }
}

function classProblems(settings: Settings): Text[] {
  if (settings.seats.length === 0 || !settings.labs.includes("kubernetes")) return [];
  return [...seatProblems(settings), ...(settings.seatLab ? seatLabProblems(settings) : [])];
}

function unknownSetting(key: string): Text {
  const near = settingNames.find((name) => name.toLowerCase() === key.normalize("NFKC").trim().toLowerCase());
  const known = settingNames.join(", ");
  return {
    en:
      `Setting ${project}:${key} does not exist${near ? `, did you mean ${near}?` : "."} ` +
      `Remove it from the stack's settings file, for example Pulumi.dev.yaml. Available settings: ${known}`,
    ko:
      `${project}:${key} 설정은 없습니다.${near ? ` ${near} 설정을 쓰려고 하셨나요?` : ""} ` +
      `스택 설정 파일(예: Pulumi.dev.yaml)에서 지우세요. 사용할 수 있는 설정: ${known}`,
  };
}

/** The image that the Redis lab builds. The prefix belongs to the last part of the name: localhost:5000/kim-redis:v1.0 */
export const builtName = ({ redisImage, prefix }: Pick<Settings, "redisImage" | "prefix">) =>
  redisImage.replace(/[^/]+$/, (last) => prefix + last);

/** Finds an image that is pulled, and whose name the one that is built would take. */
function builtOver(settings: Settings): Text[] {
  const full = (image: string) => JSON.stringify({ tag: "latest", ...parseImage(image) });
  const pulled = (["redisBaseImage", "registryImage", "mysqlImage", "wordpressImage"] as const).find(
    (key) => full(settings[key]) === full(builtName(settings)),
  );
  if (!pulled || !settings.labs.includes("redis")) return [];
  return [
    problem("redisImage", settings.redisImage, "redis:v1.0", {
      en: `the image that is built would replace the one of ${project}:${pulled}, which has the same name.`,
      ko: `빌드할 이미지의 이름이 ${project}:${pulled} 설정의 이미지와 같아 그 이미지를 덮어씁니다.`,
    }),
  ];
}

/** Finds enabled labs that use the same port. */
function sharedPorts(settings: Settings): Text[] {
  const used = [
    { lab: "redis", key: "redisPort", value: settings.redisPort, accepts: isPort },
    { lab: "compose", key: "composePort", value: settings.composePort, accepts: isPort },
    { lab: "kubernetes", key: "nodePort", value: settings.nodePort, accepts: isNodePort },
  ].filter(({ lab }) => (settings.labs as string[]).includes(lab));
  /** Suggests a port that no lab uses and that is valid for the setting. */
  const another = ({ value, accepts }: (typeof used)[number]) =>
    // Four candidates are enough: at most two are out of range, and at most one is used by the third lab.
    [1, 2, -1, -2]
      .map((step) => value + step)
      .find((port) => accepts(String(port)) && used.every(({ value }) => value !== port));
  return used.flatMap((a, i) =>
    used
      .slice(i + 1)
      .filter((b) => a.value === b.value)
      .map((b) => ({
        en:
          `Settings ${project}:${a.key} and ${project}:${b.key} are both ${a.value}: two labs cannot share a port. ` +
          `Change one of them in the stack's settings file, for example in Pulumi.dev.yaml: ${project}:${b.key}: ${another(b)}`,
        ko:
          `${project}:${a.key}, ${project}:${b.key} 설정의 값이 둘 다 ${a.value}입니다. 두 실습이 같은 포트를 ` +
          `쓸 수 없습니다. 스택 설정 파일(예: Pulumi.dev.yaml)에서 하나를 바꾸세요. ${project}:${b.key}: ${another(b)}`,
      })),
  );
}

/**
 * Validates the settings of a stack and fills in the defaults.
 * @param raw the values by key without the namespace, either text from Pulumi or parsed from a settings file
 * @throws LabError that lists all invalid settings with their values and how to correct them
 */
export function parseSettings(raw: Readonly<Record<string, unknown>>): Settings {
  const unknown = Object.keys(raw).filter((key) => !(settingNames as string[]).includes(key));
  const { success, issues, output } = v.safeParse(completed, raw);
  const wrong = (issues ?? []).map(({ message }) => JSON.parse(message) as Text);
  const problems = [
    ...wrong,
    ...unknown.map(unknownSetting),
    ...(success ? [...sharedPorts(output), ...builtOver(output), ...classProblems(output)] : []),
  ];
  if (!success || problems.length > 0) throw new LabError(lines(problems));
  return output;
}

/**
 * The settings of the running stack.
 * @throws LabError as {@link parseSettings}
 */
export function readSettings(): Settings {
  const start = `${project}:`;
  const ours = Object.entries(allConfig())
    .filter(([key]) => key.startsWith(start))
    .map(([key, value]) => [key.slice(start.length), value] as const);
  const { [labsVariable]: labs } = process.env;
  return parseSettings({ ...Object.fromEntries(ours), ...(labs === undefined ? {} : { labs }) });
}
