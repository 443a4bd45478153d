import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { LabName, labsVariable, parseSettings, project, readSettings, settingNames, usesDocker } from "../config";
import { LabError, Text } from "../text";

/** What parseSettings says is wrong. */
function complaint(raw: Record<string, unknown>): Text {
  try {
    parseSettings(raw);
  } catch (error) {
    assert.ok(error instanceof LabError, String(error));
    assert.equal(error.message, error.text.en);
    return error.text;
  }
  return assert.fail(`${JSON.stringify(raw)} was accepted`);
}

const port = {
  en: "it must be a port, a whole number from 1 to 65535.",
  ko: "포트는 1부터 65535 사이의 정수여야 합니다.",
};
const image = {
  en: "it must be an image name such as repository:tag, in lower case and without spaces.",
  ko: "저장소:태그 형식의 이미지 이름이어야 하며, 대문자와 공백은 쓸 수 없습니다.",
};
const size = { en: "it must be a size such as 512Mi or 1Gi.", ko: "512Mi, 1Gi와 같은 크기여야 합니다." };
const text = {
  en: "it must not be empty, and must not begin or end with a space.",
  ko: "비어 있거나 앞뒤에 공백이 있으면 안 됩니다.",
};

const ports = ["0", "65536", "-1", "1.5", "6379/tcp", "many", "", "007777", true, [6379]];
const digest = (length: number) => `debian@sha256:${"0f".repeat(40).slice(0, length)}`;
const tag = (length: number) => `debian:${"t".repeat(length)}`;
const images = [
  ...["Ubuntu:24.04", "ubuntu 24.04", "ubuntu:", ":24.04", "", "https://ubuntu", "ubuntu:24.04:1"],
  ...["ubuntu:-1", "ubuntu-", "team//ubuntu", tag(129), digest(63), digest(65), digest(64).replace("0f", "0F")],
];
const sizes = ["0", "1 Gi", "1gb", "-1Gi", "Gi", "", "0Gi", "1.Gi", "1m", "1Kib"];
const texts = ["", " minikube", "minikube "];
const hosts = [
  "",
  "http://localhost",
  "localhost:80",
  "my host",
  "-a.",
  true,
  "a".repeat(64),
  "-a",
  "10",
  "256.1.1.1",
  "a.0x1f",
];
/** A host name of a length, in parts that are as long as they may be. */
const hostOf = (length: number) => `${"a".repeat(63)}.`.repeat(4).slice(0, length);

/** Values that come out as they were typed. */
const asTyped = (...values: string[]): [unknown, unknown][] => values.map((value) => [value, value]);

/** For every setting: what it must be, the example that mends it, values that are wrong, and right ones with what they become. */
const rules: Record<string, { must: Text; example: string; wrong: unknown[]; right: [unknown, unknown][] }> = {
  labs: {
    must: {
      en: "the labs are redis, registry, compose, kubernetes.",
      ko: "사용할 수 있는 실습: redis, registry, compose, kubernetes.",
    },
    example: "[redis, compose]",
    wrong: ["", "redis,compos", "[redis", "[]", {}],
    right: [
      ["redis", ["redis"]],
      ["redis, compose", ["redis", "compose"]],
      ['["redis"]', ["redis"]],
      [' ["compose","redis"] ', ["redis", "compose"]],
      [
        ["kubernetes", "redis", "redis"],
        ["redis", "kubernetes"],
      ],
    ],
  },
  prefix: {
    must: {
      en: "it must be at most 31 lower-case letters, digits and hyphens, and begin with a letter or digit, such as kim-.",
      ko: "소문자, 숫자, 하이픈으로 된 31자 이하의 문자열이어야 하며, 소문자나 숫자로 시작해야 합니다(예: kim-).",
    },
    example: "kim-",
    wrong: ["-kim", "Kim-", "kim_", "김-", "k".repeat(32), true],
    right: [...asTyped("", "kim-", "a", "k".repeat(31)), [1, "1"]],
  },
  bindAddress: {
    must: {
      en: "it must be an IPv4 address of this machine: 127.0.0.1 (reachable from this machine only) or 0.0.0.0 (reachable from everywhere).",
      ko: "이 컴퓨터의 IPv4 주소여야 합니다. 127.0.0.1(이 컴퓨터에서만 접속 가능) 또는 0.0.0.0(어디서나 접속 가능)을 쓰세요.",
    },
    example: "127.0.0.1",
    wrong: ["localhost", "::1", "127.0.0", "256.0.0.1", "", "127.0.0.1:80"],
    right: asTyped("0.0.0.0", "192.168.0.7"),
  },
  redisPort: {
    must: port,
    example: "6379",
    wrong: ports,
    right: [
      ["1", 1],
      [65535, 65535],
      ["16379", 16379],
    ],
  },
  redisImage: {
    must: {
      en: "it must be the name and tag of the image to build, such as redis:v1.0.",
      ko: "빌드할 이미지의 이름과 태그여야 합니다(예: redis:v1.0).",
    },
    example: "redis:v1.0",
    wrong: ["redis", "Redis:v1.0", "localhost:5000/redis", `redis@sha256:${"0".repeat(64)}`, "redis:", ""],
    right: asTyped("redis:v2", "localhost:5000/redis:v1.0"),
  },
  redisBaseImage: { must: image, example: "ubuntu:24.04", wrong: images, right: asTyped("ubuntu:18.04", "debian") },
  registryImage: {
    must: image,
    example: "debian:12",
    wrong: images,
    right: asTyped("debian:bookworm-slim", tag(128), digest(64), `debian:12${digest(64).slice(6)}`),
  },
  composePort: {
    must: port,
    example: "30000",
    wrong: ports,
    right: [
      ["80", 80],
      [8080, 8080],
    ],
  },
  mysqlImage: {
    must: image,
    example: "mysql:9.7.2",
    wrong: images,
    right: asTyped("mysql:8.0", "team/my__sql:8", "Registry.example.org:5000/a/b-c/d.e:V_1"),
  },
  wordpressImage: {
    must: image,
    example: "wordpress:7.1.0-php8.3-apache",
    wrong: images,
    right: asTyped("wordpress", `wordpress@sha256:${"0".repeat(64)}`),
  },
  kubeconfig: { must: text, example: "~/.kube/config", wrong: texts, right: asTyped("/etc/kubeconfig") },
  kubeContext: { must: text, example: "course-labs", wrong: texts, right: asTyped("class") },
  kubeNode: { must: text, example: "course-labs", wrong: texts, right: asTyped("minikube-m02") },
  kubernetesHost: {
    must: {
      en: "it must be a host name or an IPv4 address, without http:// and without a port.",
      ko: "호스트 이름이나 IPv4 주소여야 하며, http://와 포트는 빼고 써야 합니다.",
    },
    example: "localhost",
    wrong: [...hosts, hostOf(254), "a..b"],
    right: asTyped("localhost", "192.168.49.2", "Labs.Example.ORG", hostOf(253), "7a", "1.example.org"),
  },
  kubernetesNamespace: {
    must: {
      en: "it must be at most 63 lower-case letters, digits and hyphens, and must not begin or end with a hyphen.",
      ko: "소문자, 숫자, 하이픈으로 된 63자 이하의 이름이어야 하며, 하이픈으로 시작하거나 끝날 수 없습니다.",
    },
    example: "wordpress",
    wrong: ["", "-blog", "blog-", "Blog", "my blog", "my.blog", "b".repeat(64)],
    right: [...asTyped("blog", "b", "b-1", "b".repeat(63), "defaults", "my-kube-1"), [2026, "2026"]],
  },
  nodePort: {
    must: {
      en: "it must be a node port, a whole number from 30000 to 32767.",
      ko: "노드포트는 30000부터 32767 사이의 정수여야 합니다.",
    },
    example: "30080",
    wrong: ["29999", "32768", "80", "many", "", "30080.5"],
    right: [
      ["32767", 32767],

      [30001, 30001],
    ],
  },
  mysqlStorage: { must: size, example: "1Gi", wrong: sizes, right: asTyped("512Mi", "1.5Gi", "2Ti", "64k", "10") },
  wordpressStorage: {
    must: size,
    example: "1Gi",
    wrong: sizes,
    right: [...asTyped("1Pi", "5T", "512Ki", "1G", "1M", "1P"), [1000000000, "1000000000"]],
  },
  seats: {
    must: {
      en: "it cannot be the name of a seat. Use Latin letters, Hangul and digits, at most 40 characters when written in Latin letters.",
      ko: "자리 이름으로 쓸 수 없습니다. 한글, 로마자, 숫자만 쓸 수 있으며 로마자로 바꾸었을 때 40자 이하여야 합니다.",
    },
    example: "[lee, kim]",
    wrong: ["", "-", "王", "lee!", "a".repeat(41), "김".repeat(14), "-lee", "lee-"],
    right: [
      [0, []],
      [2, ["01", "02"]],
      [" 3 ", ["01", "02", "03"]],
      ["lee, kim", ["lee", "kim"]],
      ['["이민수","José"]', ["이민수", "José"]],
      [
        ["Anna Karenina", "O'Neil", 7],
        ["Anna Karenina", "O'Neil", "7"],
      ],
    ],
  },
  seatMemory: { must: size, example: "1Gi", wrong: sizes, right: asTyped("1Gi", "1536Mi") },
  seatStorage: { must: size, example: "1Gi", wrong: sizes, right: asTyped("1Gi", "500M") },
  seatLab: {
    must: { en: "it must be true or false.", ko: "true 또는 false여야 합니다." },
    example: "true",
    wrong: ["yes", "", "True"],
    right: [
      [true, true],
      ["true", true],
      [false, false],
    ],
  },
  seatHours: {
    must: { en: "it must be a whole number from 1 to 720.", ko: "1부터 720 사이의 정수여야 합니다." },
    example: "8",
    wrong: ["0", "721", "1.5", "08", "", "8h"],
    right: [
      ["1", 1],
      [720, 720],
    ],
  },
  podNetwork: {
    must: {
      en: "it must be the address range of the cluster's pods, such as 10.244.0.0/16.",
      ko: "클러스터의 파드가 쓰는 주소 범위여야 합니다(예: 10.244.0.0/16).",
    },
    example: "10.244.0.0/16",
    wrong: ["10.244.0.0", "10.244.0/16", "10.244.0.0/7", "10.244.0.0/33", "10.244.0.0/16/2", "", "fd00::/48"],
    right: asTyped("10.42.0.0/16", "10.0.0.0/8", "192.168.1.4/32"),
  },
};

/** Which part of a wrong value is named. */
const named: Record<string, string> = { "redis,compos": "compos", "[redis": "[redis" };

describe("an image of another family", () => {
  const cases: [key: "mysqlImage" | "wordpressImage", value: string, english: RegExp, korean: RegExp][] = [
    ["mysqlImage", "mariadb:11.8", /the labs use MySQL\. MariaDB/, /MariaDB/],
    ["mysqlImage", "docker.io/library/mariadb", /MariaDB/, /MariaDB/],
    ["mysqlImage", "lscr.io/linuxserver/mariadb:11.4.8", /MariaDB/, /MariaDB/],
    ["mysqlImage", "percona/percona-server:8.4", /Percona/, /Percona/],
    ["mysqlImage", "percona:8.0", /Percona/, /Percona/],
    ["mysqlImage", "bitnami/mysql:9.4.0", /Bitnami images store their data in a different directory/, /Bitnami/],
    ["mysqlImage", "bitnamilegacy/mysql:9.4.0", /Bitnami/, /Bitnami/],
    ["mysqlImage", `registry-1.docker.io/bitnamisecure/mysql@sha256:${"0".repeat(64)}`, /Bitnami/, /Bitnami/],
    ["mysqlImage", "wordpress:7", /must be a MySQL image/, /MySQL 이미지/],
    ["mysqlImage", "postgres:18", /must be a MySQL image/, /MySQL 이미지/],
    ["wordpressImage", "bitnami/wordpress:6", /Bitnami/, /Bitnami/],
    ["wordpressImage", "mysql:9.7.2", /must be a WordPress image/, /WordPress 이미지/],
    ["wordpressImage", "wordpress:7.1.0-php8.3-fpm-alpine", /no web server/, /웹 서버/],
    ["wordpressImage", "wordpress:cli", /no web server/, /웹 서버/],
  ];
  for (const [key, value, english, korean] of cases) {
    it(`is refused as ${key}: ${value}`, () =>
      assert.throws(
        () => parseSettings({ [key]: value }),
        ({ text }: LabError) =>
          text.en.startsWith(`Setting course-labs:${key} is "${value}": `) &&
          english.test(text.en) &&
          korean.test(text.ko),
      ));
  }

  it("is not one of the same family by another name, or from another registry", () => {
    const pinned = `mysql:9.7.2@sha256:${"0".repeat(64)}`;
    for (const mysqlImage of ["mysql/mysql-server:8.0", "mirror.gcr.io/library/mysql:9", "school/db:1", pinned]) {
      assert.equal(parseSettings({ mysqlImage }).mysqlImage, mysqlImage);
    }
    for (const wordpressImage of ["mirror.gcr.io/library/wordpress:7", "school/blog:1", "wordpress:7-php8.3"]) {
      assert.equal(parseSettings({ wordpressImage }).wordpressImage, wordpressImage);
    }
  });
});

describe("config", () => {
  describe("defaults", () => {
    it("are the course", () => {
      assert.deepEqual(parseSettings({}), {
        labs: ["redis", "registry", "compose", "kubernetes"],
        prefix: "",
        bindAddress: "127.0.0.1",
        redisPort: 6379,
        redisImage: "redis:v1.0",
        redisBaseImage: "ubuntu:24.04",
        registryImage: "debian:12",
        composePort: 30000,
        mysqlImage: "mysql:9.7.2",
        wordpressImage: "wordpress:7.1.0-php8.3-apache",
        kubeContext: "course-labs",
        kubeNode: "course-labs",
        kubernetesNamespace: "wordpress",
        nodePort: 30080,
        mysqlStorage: "1Gi",
        wordpressStorage: "1Gi",
        seats: [],
        seatMemory: "1536Mi",
        seatStorage: "2Gi",
        seatLab: false,
        seatHours: 8,
        podNetwork: "10.244.0.0/16",
      });
    });

    it("name the node after the cluster", () => {
      assert.equal(parseSettings({ kubeContext: "minikube" }).kubeNode, "minikube");
      assert.equal(parseSettings({ kubeContext: "kind-class", kubeNode: "worker" }).kubeNode, "worker");
    });

    it("leave no setting untested here", () => assert.deepEqual(Object.keys(rules), settingNames));
  });

  for (const [key, { must, example, wrong, right }] of Object.entries(rules)) {
    describe(key, () => {
      for (const value of wrong) {
        it(`refuses ${JSON.stringify(value)}, and shows a correct example`, () => {
          const shown =
            value === "[]" ? "[]" : typeof value === "string" ? `"${named[value] ?? value}"` : JSON.stringify(value);
          const line = `course-labs:${key}: ${example}`;
          assert.deepEqual(complaint({ [key]: value }), {
            en: `Setting course-labs:${key} is ${shown}: ${must.en} Correct it in the stack's settings file, for example in Pulumi.dev.yaml: ${line}`,
            ko: `course-labs:${key} 설정의 값이 ${shown}입니다. ${must.ko} 스택 설정 파일(예: Pulumi.dev.yaml)에서 다음과 같이 고치세요. ${line}`,
          });
        });
      }
      for (const [value, becomes] of right) {
        it(`accepts ${JSON.stringify(value)}`, () => {
          const settings: Record<string, unknown> = parseSettings({ [key]: value });
          assert.deepEqual(settings[key], becomes);
        });
      }
    });
  }

  it("refuses a namespace that every cluster has", () => {
    for (const kubernetesNamespace of ["default", "kube-system", "kube-node-lease"]) {
      const { en, ko } = complaint({ kubernetesNamespace });
      assert.match(en, /kubernetesNamespace is "[a-z-]+": this namespace is Kubernetes's own\. .*: wordpress$/);
      assert.match(ko, /쿠버네티스 자체의 네임스페이스/);
    }
  });

  it("refuses a kubeconfig that no program would find, and that minikube would make", () => {
    const drive = path.delimiter === ":" ? ["C:\\Users\\kim\\.kube\\config", "c:/kube"] : [];
    for (const kubeconfig of ["$HOME/.kube/config", "%USERPROFILE%\\.kube\\config", ...drive]) {
      assert.match(complaint({ kubeconfig }).en, /kubeconfig is .*without variables; in WSL, C: is \/mnt\/c\./);
    }
    assert.equal(parseSettings({ kubeconfig: "/mnt/c/kube" }).kubeconfig, "/mnt/c/kube");
  });

  it("refuses to build an image by the name of one that is pulled", () => {
    const clashes: [key: string, settings: Record<string, string>][] = [
      ["redisBaseImage", { redisImage: "docker.io/library/ubuntu:24.04" }],
      ["registryImage", { redisImage: "debian:12" }],
      ["registryImage", { redisImage: "redis:latest", registryImage: "redis" }],
      ["wordpressImage", { redisImage: "press:1", prefix: "word", wordpressImage: "wordpress:1" }],
    ];
    for (const [key, settings] of clashes) {
      const { en, ko } = complaint(settings);
      assert.match(
        en,
        new RegExp(`^Setting course-labs:redisImage is .* would replace the one of course-labs:${key},`),
      );
      assert.match(ko, new RegExp(`course-labs:${key} 설정의 이미지와 같아`));
    }
    parseSettings({ redisImage: "debian:12", labs: "registry" });
    parseSettings({ redisImage: "debian:12", prefix: "kim-" });
  });

  it("shows what looks like nothing", () => {
    assert.match(complaint({ redisPort: "6380\u00a0" }).en, /redisPort is "6380\\u00a0":/);
    assert.match(complaint({ prefix: "kim\n" }).en, /^[^\n]*prefix is "kim\\u000a":/);
    assert.match(complaint({ mysqlStorage: "1 Gi 큰" }).en, /is "1 Gi 큰":/);
  });

  describe("a setting that does not exist", () => {
    const known = settingNames.join(", ");

    it("is reported with the existing ones", () => {
      assert.deepEqual(complaint({ redisprot: "6380" }), {
        en:
          "Setting course-labs:redisprot does not exist. Remove it from the stack's settings file, for example Pulumi.dev.yaml. " +
          `Available settings: ${known}`,
        ko:
          "course-labs:redisprot 설정은 없습니다. 스택 설정 파일(예: Pulumi.dev.yaml)에서 지우세요. " +
          `사용할 수 있는 설정: ${known}`,
      });
    });

    it("is corrected if only the capitalization is wrong", () => {
      const { en, ko } = complaint({ redisport: "6380" });
      assert.ok(en.startsWith("Setting course-labs:redisport does not exist, did you mean redisPort?"), en);
      assert.ok(ko.startsWith("course-labs:redisport 설정은 없습니다. redisPort 설정을 쓰려고 하셨나요?"), ko);
      assert.match(complaint({ "redisPort\u00a0": 1 }).en, /did you mean redisPort\?/);
    });
  });

  describe("a port that two labs share", () => {
    it("is reported with both settings", () => {
      assert.deepEqual(complaint({ composePort: "30080" }), {
        en:
          "Settings course-labs:composePort and course-labs:nodePort are both 30080: two labs cannot share a port. " +
          "Change one of them in the stack's settings file, for example in Pulumi.dev.yaml: course-labs:nodePort: 30081",
        ko:
          "course-labs:composePort, course-labs:nodePort 설정의 값이 둘 다 30080입니다. 두 실습이 같은 포트를 " +
          "쓸 수 없습니다. 스택 설정 파일(예: Pulumi.dev.yaml)에서 하나를 바꾸세요. course-labs:nodePort: 30081",
      });
    });

    it("is reported for each pair of labs", () => {
      const { en, ko } = complaint({ redisPort: 30000, composePort: 30000, nodePort: 30000 });
      assert.equal(en.split("\n").length, 3);
      assert.equal(ko.split("\n").length, 3);
    });

    for (const { settings, suggested } of [
      { settings: { redisPort: 65535, composePort: 65535 }, suggested: "composePort: 65534" },
      { settings: { composePort: 32767, nodePort: 32767 }, suggested: "nodePort: 32766" },
      { settings: { redisPort: 30081, composePort: 30080, nodePort: 30080 }, suggested: "nodePort: 30082" },
      { settings: { redisPort: 32766, composePort: 32767, nodePort: 32767 }, suggested: "nodePort: 32765" },
      { settings: { redisPort: 32767, composePort: 32766, nodePort: 32766 }, suggested: "nodePort: 32765" },
    ]) {
      it(`is suggested ${suggested}, which is free and allowed, instead of ${JSON.stringify(settings)}`, () => {
        assert.ok(complaint(settings).en.endsWith(`Pulumi.dev.yaml: course-labs:${suggested}`));
        assert.ok(complaint(settings).ko.endsWith(`course-labs:${suggested}`));
      });
    }

    it("does not matter if one of the labs is disabled", () => {
      assert.equal(parseSettings({ labs: "compose", composePort: 30080 }).composePort, 30080);
      assert.equal(parseSettings({ labs: "kubernetes", nodePort: 30000 }).nodePort, 30000);
    });
  });

  describe("the seats of a class", () => {
    const wrong: { settings: Record<string, unknown>; en: string; ko: string }[] = [
      {
        settings: { seats: ["김", "gim"] },
        en: 'Setting course-labs:seats is "김, gim": two seats would have the same name, "gim". Make them different, for example with a number. Correct it in the stack\'s settings file, for example in Pulumi.dev.yaml: course-labs:seats: [김, gim-2]',
        ko: 'course-labs:seats 설정의 값이 "김, gim"입니다. 두 자리의 이름이 같아집니다("gim").',
      },
      {
        settings: { seats: ["Lee", "Lee"] },
        en: 'Setting course-labs:seats is "Lee": two seats would have the same name, "lee".',
        ko: 'course-labs:seats 설정의 값이 "Lee"입니다. 두 자리의 이름이 같아집니다("lee")',
      },
      {
        settings: { seats: 501 },
        en: "Setting course-labs:seats is 501: a class has at most 500 seats. Use two stacks",
        ko: "한 반의 자리는 500개까지입니다.",
      },
      {
        settings: { seats: Array.from({ length: 501 }, (_, i) => `s${i}`) },
        en: 'Setting course-labs:seats is "501 names": it must be a number of seats, or a list of at most 500 names.',
        ko: "자리의 수이거나 500개 이하의 이름 목록이어야 합니다.",
      },
      { settings: { seats: { lee: 1 } }, en: "it must be a number of seats, or a list", ko: "이름 목록이어야 합니다." },
      {
        settings: { seats: 30, nodePort: 32738 },
        en: "Setting course-labs:nodePort is 32738: each of the 30 seats needs one of the node ports after it, but node ports end at 32767. Correct it in the stack's settings file, for example in Pulumi.dev.yaml: course-labs:nodePort: 30080",
        ko: "노드포트는 32767까지입니다.",
      },
      {
        settings: { seats: 5, composePort: 30085 },
        en: "Setting course-labs:nodePort is 30080: the seats use the node ports 30081 to 30085, but another lab uses 30085. Correct it in the stack's settings file, for example in Pulumi.dev.yaml: course-labs:nodePort: 30086",
        ko: "자리가 노드포트 30081–30085 범위를 쓰는데 다른 실습도 30085번 포트를 씁니다.",
      },
      {
        settings: { seats: 5, redisPort: 30081 },
        en: "the seats use the node ports 30081 to 30085, but another lab uses 30081.",
        ko: "다른 실습도 30081번 포트를 씁니다.",
      },
      {
        settings: { seats: ["a".repeat(40)], prefix: "b".repeat(31) },
        en: `its namespace would be ${"b".repeat(31)}seat-${"a".repeat(40)}, which is longer than 63 characters.`,
        ko: "63자보다 긴",
      },
      {
        settings: { seats: 2, kubernetesNamespace: "seat-02" },
        en: 'Setting course-labs:kubernetesNamespace is "seat-02": a seat of the class uses this namespace.',
        ko: "이 반의 자리가 쓰는 네임스페이스입니다.",
      },
      {
        settings: { seats: 2, seatLab: true, seatMemory: "1023Mi" },
        en: 'Setting course-labs:seatMemory is "1023Mi": WordPress and MySQL in a seat (course-labs:seatLab) need up to 1Gi.',
        ko: "1Gi가 필요합니다.",
      },
      {
        settings: { seats: 2, seatLab: true, seatStorage: "2G" },
        en: "Setting course-labs:seatStorage is \"2G\": the PersistentVolumeClaims of a seat's lab (mysqlStorage, wordpressStorage) need 2048Mi together. Correct it in the stack's settings file, for example in Pulumi.dev.yaml: course-labs:seatStorage: 2048Mi",
        ko: "필요한 크기는 모두 2048Mi입니다.",
      },
    ];
    for (const { settings, en, ko } of wrong) {
      it(`are refused in one line: ${en.slice(0, 120)}`, () => {
        const told = complaint(settings);
        assert.ok(told.en.includes(en), told.en);
        assert.ok(told.ko.includes(ko), told.ko);
        assert.equal(told.en.split("\n").length, 1);
      });
    }

    it("are at most five hundred, and a list of one number is one seat", () => {
      assert.equal(parseSettings({ seats: 500 }).seats.length, 500);
      const names = Array.from({ length: 500 }, (_, i) => `s${i}`);
      assert.deepEqual(parseSettings({ seats: names }).seats, names);
      assert.deepEqual(parseSettings({ seats: [30] }).seats, ["30"]);
    });

    it("are the same when they are read again", () => {
      const once = parseSettings({ seats: ["이민수", "Kim"], seatLab: true });
      assert.deepEqual(parseSettings({ seats: JSON.stringify(once.seats), seatLab: String(once.seatLab) }), once);
    });

    it("matter only if there are some and the Kubernetes lab is enabled", () => {
      for (const settings of [
        { nodePort: 32767 },
        { labs: ["redis"], seats: 30, nodePort: 32767 },
        { labs: ["kubernetes"], seats: 5, composePort: 30085, redisPort: 30081 },
        { seats: 5, redisPort: 30079, composePort: 30086 },
        { labs: ["redis", "kubernetes"], seats: 5, nodePort: 30001, redisPort: 30007 },
        { seats: 2, seatMemory: "64Mi", seatStorage: "1Mi" },
        { seats: 30, nodePort: 32737 },
        { seats: 2, seatLab: true, seatMemory: "1Gi", seatStorage: "2Gi" },
      ]) {
        parseSettings(settings);
      }
    });
  });

  it("knows which labs run on Docker itself", () => {
    const cases: [labs: LabName[], docker: boolean][] = [
      [["kubernetes"], false],
      [["redis", "kubernetes"], true],
      [["compose"], true],
      [[], false],
    ];
    for (const [labs, docker] of cases) assert.equal(usesDocker(labs), docker, labs.join());
  });

  it("names everything that is wrong at once, in both languages", () => {
    const { en, ko } = complaint({ redisPort: "many", mysqlStorage: "big", nope: 1 });
    for (const key of ["redisPort", "mysqlStorage", "nope"]) {
      assert.match(en, new RegExp(`Setting course-labs:${key} `));
      assert.match(ko, new RegExp(`course-labs:${key} 설정`));
    }
    assert.equal(en.split("\n").length, 3);
    assert.equal(ko.split("\n").length, 3);
    assert.notEqual(en, ko);
  });

  it("has the name of the project in Pulumi.yaml", () => {
    const yaml = readFileSync(path.resolve(__dirname, "../Pulumi.yaml"), "utf8");
    assert.match(yaml, new RegExp(`^name: ${project}$`, "m"));
  });

  describe("readSettings", () => {
    afterEach(() => pulumi.runtime.setAllConfig({}));

    it("parses the text that plain pulumi passes", () => {
      pulumi.runtime.setAllConfig({
        "course-labs:labs": '["redis","registry"]',
        "course-labs:redisPort": "16379",
        "docker:host": "unix:///elsewhere",
        "pulumi:disable-default-providers": '["docker"]',
      });
      assert.deepEqual(readSettings(), { ...parseSettings({}), labs: ["redis", "registry"], redisPort: 16379 });
    });

    it("lets a run choose its labs, whatever the stack's file says", () => {
      pulumi.runtime.setAllConfig({ "course-labs:labs": '["redis"]' });
      process.env[labsVariable] = "compose,registry";
      try {
        assert.deepEqual(readSettings().labs, ["registry", "compose"]);
      } finally {
        delete process.env[labsVariable];
      }
    });

    it("fails with an error that Pulumi prints without a stack trace", () => {
      pulumi.runtime.setAllConfig({ "course-labs:nodePort": "80" });
      assert.throws(readSettings, (error: unknown) => pulumi.RunError.isInstance(error));
    });

    it("refuses what parseSettings refuses", () => {
      pulumi.runtime.setAllConfig({ "course-labs:nodePort": "80" });
      assert.throws(readSettings, (error: unknown) => {
        assert.ok(error instanceof LabError);
        assert.deepEqual(error.text, complaint({ nodePort: "80" }));
        return true;
      });
    });
  });
});
