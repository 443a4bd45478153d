import assert from "node:assert/strict";
import { NetworkingV1Api, V1Deployment } from "@kubernetes/client-node";
import { chainOf } from "../../../tools/checks/labs/kubernetes-objects";
import { run } from "../harness";
import { Mutant } from "../mutants";
import { KubernetesLab } from "./kubernetes";

/** The checks of what is in the namespace: whether it runs or not. */
export const objectsChecks = (on: KubernetesLab) =>
  describe("objects and services", () => {
    const { namespace } = on;
    const networking = () => on.api().config.makeApiClient(NetworkingV1Api);
    const sql = async (statement: string) => {
      const seen = await on.cluster.look();
      assert.ok("facts" in seen);
      const pod = chainOf(seen.facts, "mysql").pods[0]?.metadata?.name ?? "";
      const typed = `mysql --host=127.0.0.1 --user="$MYSQL_USER" --password="$MYSQL_PASSWORD" --execute="${statement}" "$MYSQL_DATABASE"`;
      const { code, stderr } = await on.cluster.exec(pod, "mysql", "sh", "-c", typed);
      assert.equal(code, 0, stderr);
    };
    /** A Deployment that is deleted while what it made stays, as `kubectl delete --cascade=orphan` does. */
    const orphaned = (replicaSetToo: boolean): Pick<Mutant, "make" | "undo"> => {
      let body: V1Deployment | undefined;
      return {
        make: async () => {
          const { apps } = on.api();
          body = await apps.readNamespacedDeployment({ namespace, name: "wordpress" });
          await apps.deleteNamespacedDeployment({ namespace, name: "wordpress", propagationPolicy: "Orphan" });
          if (!replicaSetToo) return;
          for (const { metadata } of (await apps.listNamespacedReplicaSet({ namespace })).items) {
            if (metadata?.labels?.["app.kubernetes.io/name"] !== "wordpress") continue;
            await apps.deleteNamespacedReplicaSet({ namespace, name: metadata.name!, propagationPolicy: "Orphan" });
          }
        },
        undo: async () => {
          const { name, labels, annotations } = body!.metadata!;
          await on.api().apps.createNamespacedDeployment({
            namespace,
            body: { metadata: { name, labels, annotations }, spec: body?.spec },
          });
        },
      };
    };
    on.wrong([
      {
        owner: "kubernetes.chain",
        wrong: "a ReplicaSet without its Deployment: the page works",
        mends: true,
        why: /There is no Deployment wordpress \(existing: mysql\)/,
        ...orphaned(false),
      },
      {
        owner: "kubernetes.chain",
        wrong: "a bare pod: the page works",
        why: /There is no Deployment wordpress/,
        ...orphaned(true),
      },
      {
        owner: "kubernetes.chain",
        wrong: "scaled to nothing",
        mends: true,
        why: /Deployment wordpress requests 0 pods/,
        ...on.deployment("wordpress", (spec) => (spec.replicas = 0)),
      },
      {
        owner: "kubernetes.claims",
        wrong: "deleted while its pod runs",
        mends: true,
        next: /^Keep the volume, let the claim go, and give the volume to a new claim\. Its data is kept/,
        why: /Claim mysql-data is bound, but is being deleted/,
        make: async () => {
          await sql("CREATE TABLE kept (a INT)");
          await on.api().core.deleteNamespacedPersistentVolumeClaim({ namespace, name: "mysql-data" });
        },
        undo: () => assert.fail("the command mends it"),
        after: async () => {
          await sql("DROP TABLE kept");
          const { spec } = await on.api().core.readNamespacedPersistentVolumeClaim({ namespace, name: "mysql-data" });
          // So that it goes with the lab.
          const policy = '{"spec":{"persistentVolumeReclaimPolicy":"Delete"}}';
          run(
            "kubectl",
            "--context",
            on.settings.kubeContext,
            "patch",
            "pv",
            spec?.volumeName ?? "",
            "--patch",
            policy,
          );
        },
      },
      // What is mended by provisioning is there at once, where one does not keep another from being seen.
      [
        {
          owner: "kubernetes.storage",
          wrong: "emptyDir instead of the claim",
          mends: true,
          next: /delete deployment wordpress; npm run up -- --labs kubernetes$/,
          why: /\/var\/www\/html of WordPress is on emptyDir, not on claim wordpress-data/,
          ...on.deployment("wordpress", ({ template }) => (template.spec!.volumes = [{ name: "data", emptyDir: {} }])),
        },
        {
          owner: "kubernetes.published",
          wrong: "another node port",
          mends: true,
          why: /is a NodePort with node port 30282, not a NodePort with 30281/,
          ...on.service("wordpress", (spec) => (spec.ports![0]!.nodePort = 30282)),
        },
        {
          owner: "kubernetes.isolated",
          wrong: "no NetworkPolicy",
          mends: true,
          why: /^Another pod can connect to MySQL: no NetworkPolicy limits what reaches its pod\. .*: -\. Labels/,
          make: () => networking().deleteNamespacedNetworkPolicy({ namespace, name: "mysql-ingress" }),
          undo: () => assert.fail("the command mends it"),
        },
      ],
      [
        {
          owner: "kubernetes.storage",
          wrong: "the claim, read-only",
          mends: true,
          why: /on claim wordpress-data, read-only/,
          ...on.container("wordpress", (one) => (one.volumeMounts![0]!.readOnly = true)),
        },
        {
          owner: "kubernetes.services",
          wrong: "a label too many in the selector",
          mends: true,
          doctor: "no endpoints",
          why: /Service mysql has no endpoints: no pod matches its selector \(.*tier=database[,)]/,
          ...on.service("mysql", (spec) => (spec.selector!.tier = "database")),
        },
      ],
      [
        {
          owner: "kubernetes.storage",
          wrong: "the claim mounted one folder off",
          mends: true,
          why: /\/var\/www\/html of WordPress is on no volume, not on claim wordpress-data, which is mounted at \/var\/www/,
          ...on.container("wordpress", (one) => (one.volumeMounts = [{ name: "data", mountPath: "/var/www/data" }])),
        },
        {
          owner: "kubernetes.services",
          wrong: "no Service for the database",
          mends: true,
          next: /^npm run up -- --labs kubernetes$/,
          why: /There is no Service mysql\. Existing Services: wordpress\./,
          make: () => on.api().core.deleteNamespacedService({ namespace, name: "mysql" }),
          undo: () => assert.fail("the command mends it"),
        },
      ],
      [
        {
          owner: "kubernetes.published",
          wrong: "the database on a node port",
          mends: true,
          why: /The database can be reached from outside the cluster: service\/mysql \(NodePort\)/,
          ...on.service("mysql", (spec) => (spec.type = "NodePort")),
        },
        {
          owner: "kubernetes.isolated",
          wrong: "a letter too few in the policy's selector",
          mends: true,
          next: /^npm run up -- --labs kubernetes$/,
          why: /mysql-ingress \(Ingress: .*name=mysq\)\. Labels of the pod: .*name=mysql/,
          ...on.policy((spec) => (spec.podSelector!.matchLabels!["app.kubernetes.io/name"] = "mysq")),
        },
      ],
      [
        {
          owner: "kubernetes.published",
          wrong: "the database on a port of its node",
          mends: true,
          why: /The database can be reached from outside the cluster: pod\/mysql-\S+ \(hostPort 33306\)/,
          ...on.container("mysql", (one) => (one.ports = [{ containerPort: 3306, hostPort: 33306 }])),
        },
        {
          owner: "kubernetes.isolated",
          wrong: "the policy names the port, and nobody who may use it",
          mends: true,
          why: /NetworkPolicy mysql-ingress lets in more than WordPress/,
          ...on.policy((spec) => delete spec.ingress![0]!._from),
        },
      ],
      [
        {
          owner: "kubernetes.published",
          wrong: "WordPress inside the cluster only",
          mends: true,
          why: /Service wordpress is a ClusterIP/,
          ...on.service("wordpress", (spec) => {
            spec.type = "ClusterIP";
            delete spec.ports![0]!.nodePort;
          }),
        },
        {
          owner: "kubernetes.isolated",
          wrong: "the policy is for what MySQL sends",
          mends: true,
          why: /mysql-ingress \(Egress: .*name=mysql\)\. Labels of the pod: .*name=mysql/,
          ...on.policy((spec) => (spec.policyTypes = ["Egress"])),
        },
      ],
      [
        {
          owner: "kubernetes.services",
          wrong: "a selector that fits both",
          mends: true,
          why: /Service wordpress also routes to mysql-/,
          ...on.service("wordpress", (spec) => {
            spec.selector = { "app.kubernetes.io/instance": namespace };
          }),
        },
      ],
      [
        {
          owner: "kubernetes.services",
          wrong: "a port that nobody listens on",
          next: /^kubectl --context \S+ --namespace ck-labs delete service wordpress; npm run up -- --labs kubernetes$/,
          mends: true,
          why: /Service wordpress routes to port 8080 of the pod, but WordPress listens on 80/,
          ...on.service("wordpress", (spec) => (spec.ports![0]!.targetPort = 8080)),
        },
      ],
      {
        owner: "kubernetes.single",
        wrong: "two MySQL replicas",
        mends: true,
        why: /MySQL has 2 replicas/,
        ...on.deployment("mysql", (spec) => (spec.replicas = 2)),
      },
      {
        owner: "kubernetes.single",
        wrong: "rolling update on a disk for one",
        mends: true,
        why: /Deployment mysql has strategy RollingUpdate/,
        ...on.deployment("mysql", (spec) => (spec.strategy = { type: "RollingUpdate" })),
      },
      {
        owner: "kubernetes.single",
        wrong: "a second Deployment on MySQL's claim",
        mends: true,
        why: /Deployment mysql-2 also uses MySQL's claim/,
        make: async () => {
          const { apps } = on.api();
          const { spec } = await apps.readNamespacedDeployment({ namespace, name: "mysql" });
          const labels = { "app.kubernetes.io/name": "mysql-2" };
          const template = { ...spec!.template, metadata: { labels } };
          const second = { ...spec!, replicas: 0, selector: { matchLabels: labels }, template };
          await apps.createNamespacedDeployment({ namespace, body: { metadata: { name: "mysql-2" }, spec: second } });
        },
        undo: () => on.api().apps.deleteNamespacedDeployment({ namespace, name: "mysql-2" }),
      },
      {
        owner: "kubernetes.published",
        wrong: "the database at an address outside",
        why: /The database can be reached from outside the cluster: service\/mysql \(externalIPs 192\.0\.2\.1\)/,
        ...on.service("mysql", (spec) => (spec.externalIPs = ["192.0.2.1"])),
      },
      {
        owner: "kubernetes.isolated",
        wrong: "a second policy that lets the whole namespace in",
        mends: true,
        why: /NetworkPolicy neighbours lets in more than WordPress/,
        make: () =>
          networking().createNamespacedNetworkPolicy({
            namespace,
            body: {
              metadata: { name: "neighbours" },
              spec: {
                podSelector: { matchLabels: { "app.kubernetes.io/name": "mysql" } },
                ingress: [{ _from: [{ podSelector: {} }] }],
              },
            },
          }),
        undo: () => networking().deleteNamespacedNetworkPolicy({ namespace, name: "neighbours" }),
      },
    ]);
  });
