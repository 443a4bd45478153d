import assert from "node:assert/strict";
import { explain } from "../../tools/stack/explain";
import { LabError } from "../../text";

describe("an error of Pulumi or Docker", () => {
  const means = (said: string) => explain([said], new Error("code: 255")).text;

  const cases: [string, string, RegExp, RegExp][] = [
    [
      "a wrong passphrase",
      "get stack secrets manager: incorrect passphrase",
      /The passphrase is wrong/,
      /스택 암호\(passphrase\)가 틀립니다/,
    ],
    [
      "a checkout that cannot be written to",
      "error: 2 errors occurred:\n    1) open /srv/course labs (김's)/.pulumi/locks/organization/course-labs/dev/e2.json.18.tmp: read-only file system",
      /^You have no permission to write to \/srv\/course labs \(김's\)\/\.pulumi \(EROFS\)\. .*move the project to a folder/,
      /^쓰기 권한이 없습니다: \/srv\/course labs \(김's\)\/\.pulumi/,
    ],
    ["a lock", "error: the stack is currently locked by 1 lock(s).", /Another run is using this stack/, /다른 명령이/],
    [
      "an image that cannot be pulled",
      "Unable to read Docker image into resource: unable to pull image nosuch/image:1: error pulling image",
      /Image nosuch\/image:1 is not on this machine and cannot be pulled/,
      /nosuch\/image:1 이미지가 이 컴퓨터에 없고/,
    ],
    [
      "a plugin that cannot be executed",
      "failed to load plugin /home/kim/.pulumi/plugins/resource-random-v4.21.2/pulumi-resource-random: fork/exec /home/kim/.pulumi/plugins/resource-random-v4.21.2/pulumi-resource-random: permission denied",
      /Pulumi's plugin random cannot be executed: \/home\/kim\/\S+pulumi-resource-random \(permission denied\)\. Remove/,
      /Pulumi 플러그인 random 파일을 실행할 수 없습니다/,
    ],
    [
      "a language host for another machine",
      "could not start language host: fork/exec /usr/bin/pulumi-language-nodejs: exec format error",
      /Pulumi's language host nodejs cannot be executed: \/usr\/bin\/pulumi-language-nodejs \(exec format error\)/,
      /Pulumi 언어 호스트 nodejs/,
    ],
    [
      "a name that is taken",
      'Conflict. The container name "/redis" is already in use by container "24a4"',
      /There is already another container called redis.*docker rename redis redis-before/,
      /이름이 redis인 다른 컨테이너/,
    ],
    [
      "a port that is taken",
      "Error starting userland proxy: listen tcp4 127.0.0.1:6399: bind: address already in use",
      /started to use port 6399/,
      /6399번 포트/,
    ],
    [
      "a port that another container has",
      "Bind for 0.0.0.0:80 failed: port is already allocated",
      /started to use port 80/,
      /80번 포트/,
    ],
    [
      "a firewall that was restarted",
      "driver failed programming external connectivity: (iptables failed: iptables --wait -t nat -A DOCKER: iptables: No chain/target/match by that name.",
      /rules are gone from the firewall.*systemctl restart docker\), then: npm run up/,
      /방화벽 규칙이 없습니다/,
    ],
    [
      "a place for the state that needs a login",
      "error: PULUMI_ACCESS_TOKEN must be set for login during non-interactive CLI sessions",
      /this variable: .*PULUMI_BACKEND_URL\. .*begin with file:\/\//,
      /file:\/\/로 시작/,
    ],
    [
      "rules of the firewall that are gone, as a new engine says it",
      "unable to create network: Error response from daemon: add inter-network communication rule: (iptables failed: iptables v1.8.9 (nf_tables): Chain 'DOCKER-ISOLATION-STAGE-2' does not exist",
      /rules are gone from the firewall/,
      /방화벽 규칙이 없습니다/,
    ],
    [
      "a rule of nftables",
      "failed to set up container networking: driver failed programming external connectivity on endpoint redis: iptables v1.8.10 (nf_tables): RULE_APPEND failed (No such file or directory): rule in chain DOCKER",
      /rules are gone from the firewall/,
      /방화벽 규칙이 없습니다/,
    ],
    [
      "a kernel without its modules",
      "driver failed programming external connectivity: iptables v1.8.7 (legacy): can't initialize iptables table `nat': Table does not exist (do you need to insmod?)",
      /kernel lacks .*modules.*Restart this machine.*then: npm run up/,
      /커널에/,
    ],
    [
      "a kernel that was updated",
      "unable to start container: failed to create endpoint redis on network bridge: failed to add the host (veth1) <=> sandbox (veth2) pair interfaces: operation not supported",
      /kernel lacks .*modules/,
      /커널에/,
    ],
    [
      "AppArmor",
      "unable to start container: runc create failed: unable to apply apparmor profile: apparmor failed to apply profile: write /proc/self/attr/apparmor/exec: no such file or directory",
      /AppArmor or SELinux.*install apparmor.*then: npm run up/,
      /AppArmor 또는 SELinux/,
    ],
    [
      "SELinux",
      "OCI runtime create failed: write /proc/self/attr/keycreate: permission denied",
      /AppArmor or SELinux/,
      /AppArmor 또는 SELinux/,
    ],
    [
      "cgroups",
      "unable to start container: cgroups: cgroup mountpoint does not exist: unknown",
      /kernel lacks .*cgroups/,
      /cgroup/,
    ],
    [
      "too little memory",
      "unable to start container: OCI runtime create failed: fork/exec /proc/self/exe: cannot allocate memory",
      /too little memory.*docker stop NAME/,
      /메모리가 부족/,
    ],
    [
      "a port for root, without root",
      "failed to bind host port: cannot expose privileged port 80, you can add 'net.ipv4.ip_unprivileged_port_start=80' to /etc/sysctl.conf",
      /Only root may use port 80.*from 1024 on/,
      /root만/,
    ],
    [
      "a port for root, of an older engine",
      "Error starting userland proxy: listen tcp4 127.0.0.1:443: bind: permission denied",
      /Only root may use port 443/,
      /443번/,
    ],
    [
      "a quota of the disk",
      "unable to start container: mkdir /var/lib/docker/overlay2/1: disk quota exceeded",
      /The disk is full/,
      /디스크가 가득/,
    ],
    [
      "a command that the image does not have",
      'unable to start container: Error response from daemon: failed to create task for container: runc create failed: exec: "redis-serve": executable file not found in $PATH',
      /not in its image, or cannot be executed\. Correct its Dockerfile.*then: npm run up/,
      /Dockerfile이나 스택 설정 파일의 이미지를 고친 다음: npm run up/,
    ],
    [
      "a container that is not healthy",
      "container failed to be in healthy state",
      /did not become healthy/,
      /정상\(healthy\) 상태/,
    ],
    [
      "a network in use",
      "timeout while waiting for state to become 'removed' (last state: 'pending', timeout: 30s)",
      /still uses its network or/,
      /네트워크/,
    ],
    [
      "a volume in use",
      "timeout while waiting for state to become 'removed' (last state: 'in_use', timeout: 30s)",
      /or one of its volumes/,
      /볼륨/,
    ],
    [
      "a cluster that is off",
      "configured Kubernetes cluster is unreachable: unable to load",
      /does not answer.*npm run up and npm run destroy start it/,
      /응답하지 않습니다/,
    ],
    [
      "a cluster that no longer knows the user",
      "configured Kubernetes cluster is unreachable: unable to load schema information from the API server: the server has asked for the client to provide credentials",
      /^The cluster of the Kubernetes lab does not accept the login in your kubeconfig[^\n]*\n\nPulumi's message/,
      /로그인 정보를 받아들이지 않습니다/,
    ],
    [
      "a cluster that went away before it was asked",
      "failed to read resource state due to unreachable cluster. If the cluster was deleted, you can remove this",
      /does not answer.*npm run up and npm run destroy start it/,
      /응답하지 않습니다/,
    ],
    [
      "a node port that is taken",
      'Service "s" is invalid: spec.ports[0].nodePort: Invalid value: 30080: provided port is already allocated',
      /Node port 30080 is already used by another Service.*course-labs:nodePort/,
      /노드포트 30080번/,
    ],
    [
      "a claim that the quota of the namespace refuses",
      'persistentvolumeclaims "mysql-data" is forbidden: exceeded quota: seat, requested: requests.storage=1Gi, used: requests.storage=1Gi, limited: requests.storage=1Gi',
      /rejected persistentvolumeclaims "mysql-data", because it would exceed the quota seat/,
      /리소스 쿼터\(seat\)/,
    ],
    [
      "an object that exists",
      'was not successfully created by the Kubernetes API server: namespaces "wordpress" already exists',
      /already has namespaces "wordpress"\. Run the command again/,
      /namespaces "wordpress"/,
    ],
    [
      "a claim that cannot grow",
      'persistentvolumeclaims "mysql-data" is forbidden: only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize',
      /^The size of a PersistentVolumeClaim cannot be changed like this\. Restore the previous values/,
      /크기를 이렇게 바꿀 수 없습니다/,
    ],
    ...["Delete", "Get"].map((verb): [string, string, RegExp, RegExp] => [
      `a cluster that stops meanwhile: ${verb}`,
      `${verb} "https://192.0.2.2:8443/api/v1/namespaces/wordpress": read tcp 192.0.2.1:48560->192.0.2.2:8443: read: connection reset by peer`,
      /does not answer/,
      /응답하지 않습니다/,
    ]),
    [
      "a build that fails",
      "error reading build output: executor failed running [/bin/sh -c exit 3]: exit code: 3",
      /could not be built, because an instruction in its Dockerfile failed/,
      /빌드하지 못했습니다/,
    ],
  ];
  for (const [what, said, english, korean] of cases) {
    it(`is explained, followed by the original message: ${what}`, () => {
      const text = means(said);
      assert.match(text.en, english);
      assert.match(text.ko, korean);
      assert.ok(text.en.includes(said) && text.ko.includes(said));
    });
  }

  it("is explained by problems found in the cluster, followed by a shortened message", () => {
    const said = Array.from({ length: 30 }, (_, i) => `line ${i} ${"x".repeat(600)}`);
    const finding = {
      cause: "crash loop" as const,
      what: { en: "It ends.", ko: "끝납니다." },
      why: { en: "Thus.", ko: "그래서." },
      next: { en: "Do this.", ko: "이렇게." },
      evidence: ["log"],
    };
    const { text } = explain([said.join("\n")], new Error("code: 255"), [finding]);
    assert.match(text.en, /^It ends\. Thus\.\n {2}Do this\.\n {4}log\n\nPulumi's message:\nline 0 x+ …\n/);
    assert.match(text.ko, /^끝납니다\. 그래서\.\n {2}이렇게\./);
    assert.ok(text.en.endsWith("…") && text.en.split("\n").length < 20 && !text.en.includes("line 12"));
  });

  it("is printed unchanged if it is unknown", () => {
    assert.equal(means("something new").en, "Pulumi failed:\nsomething new");
  });

  it("is printed once, without Pulumi's additional lines", () => {
    const reported = [
      "sdk-v2/provider2.go:571: sdk.helper_schema: it broke: provider=docker@5.2.0",
      "1 error occurred:\n\t* it broke",
      "update failed",
    ];
    assert.equal(explain(reported, new Error("code: 255")).text.en, "Pulumi failed:\n\t* it broke");
  });

  it("is the message of the command if Pulumi did not start", () => {
    const error = new Error(
      "code: -2\n stdout: \n stderr: Command failed: pulumi x\nerror: no such thing\n err?: Error: again\n",
    );
    assert.equal(explain([], error).text.en, "Pulumi failed:\nCommand failed: pulumi x\nerror: no such thing");
  });

  it("is not changed if it is already an explanation", () => {
    const clear = new LabError({ en: "clear", ko: "분명" });
    assert.equal(explain(["noise"], clear), clear);
  });
});
