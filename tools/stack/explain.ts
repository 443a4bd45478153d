import { project } from "../../config";
import { Problem, problemText } from "../causes/problem";
import { portRefused } from "../causes/ports";
import { imageSettings, pullProblem } from "../causes/pulls";
import { roomRemedyOnDocker } from "../causes/remedies";
import { startRefused } from "../causes/starts";
import { LabError, lines, same, Text } from "../../text";
import { unset } from "../docker/docker-problems";
import { ofDisk } from "../terminal/output-errors";

const when = (says: RegExp, means: (found: RegExpExecArray) => Text | undefined) => ({ says, means });

/** Messages of Pulumi, Docker and Kubernetes, and how to explain them. */
const known = [
  when(/incorrect passphrase/, () => ({
    en:
      "The passphrase is wrong: the stack was created with a different one. Set PULUMI_CONFIG_PASSPHRASE to the passphrase " +
      "of the stack, or unset the variable if the stack was created by `npm run up`.",
    ko:
      "스택 암호(passphrase)가 틀립니다. 이 스택은 다른 암호로 만들어졌습니다. 스택을 만들 때 쓴 암호를 " +
      "PULUMI_CONFIG_PASSPHRASE 변수에 지정하세요. `npm run up`으로 만든 스택이라면 이 변수를 해제(unset)하세요.",
  })),
  when(/PULUMI_ACCESS_TOKEN must be set/, () => ({
    en: `Pulumi keeps its state at ${process.env.PULUMI_BACKEND_URL} (PULUMI_BACKEND_URL) and is not logged in there. To keep it in this folder, as without this variable: ${unset(["PULUMI_BACKEND_URL"], process.platform)}. For another folder it must begin with file://`,
    ko: `Pulumi가 상태를 저장할 곳이 ${process.env.PULUMI_BACKEND_URL} (PULUMI_BACKEND_URL)인데 로그인되어 있지 않습니다. 이 폴더에 저장하려면: ${unset(["PULUMI_BACKEND_URL"], process.platform)}. 다른 폴더를 지정하려면 file://로 시작해야 합니다.`,
  })),
  when(/the stack is currently locked by/, () => ({
    en: "Another run is using this stack. Wait until it has finished, then try again. If it no longer exists: pulumi cancel",
    ko: "다른 명령이 이 스택을 사용하고 있습니다. 끝날 때까지 기다린 뒤 다시 시도하세요. 그 명령이 더 이상 실행 중이 아니라면: pulumi cancel",
  })),
  when(/pull image ([^\s:]+(?::[\w.-]+)?)[:\s][\s\S]*/, ([said, image = ""]) => {
    const { why, next } = pullProblem(said, { image, written: imageSettings, make: "npm run up" });
    return {
      en: `Image ${image} is not on this machine and cannot be pulled. ${why.en} ${next.en}`,
      ko: `${image} 이미지가 이 컴퓨터에 없고 내려받을 수도 없습니다. ${why.ko} ${next.ko}`,
    };
  }),
  when(/address pools have been fully subnetted|non-overlapping IPv4 address pool/, () => ({
    en: "Docker has no free addresses for another network. Remove unused networks, which contain no data (docker network prune), then run the command again.",
    ko: "Docker에 새 네트워크에 할당할 주소가 남아 있지 않습니다. 사용하지 않는 네트워크를 삭제한 뒤(docker network prune, 네트워크에는 데이터가 없습니다) 명령을 다시 실행하세요.",
  })),
  // For a pull, see above.
  when(/^(?![\s\S]*pull image)[\s\S]*(?:no space left on device|disk quota exceeded)/, () => ({
    en: `The disk is full. ${roomRemedyOnDocker("npm run up").en}`,
    ko: `디스크가 가득 찼습니다. ${roomRemedyOnDocker("npm run up").ko}`,
  })),
  when(
    /open (\S[^\n]*?\/\.pulumi)\/[^\n]*: read-only file system/,
    ([, path]) => ofDisk({ code: "EROFS", path })?.text,
  ),
  when(/only dynamically provisioned pvc can be resized|must support resize|field can not be less than/, () => ({
    en: `The size of a PersistentVolumeClaim cannot be changed like this. Restore the previous values of ${project}:mysqlStorage and ${project}:wordpressStorage, then run the command again. For a larger volume, start with new data: npm run destroy -- --labs kubernetes (this deletes posts and uploads).`,
    ko: `퍼시스턴트볼륨클레임(PVC)의 크기를 이렇게 바꿀 수 없습니다. ${project}:mysqlStorage, ${project}:wordpressStorage 설정을 이전 값으로 되돌린 뒤 명령을 다시 실행하세요. 더 큰 볼륨이 필요하면 먼저 실습 환경을 삭제하세요: npm run destroy -- --labs kubernetes (글과 업로드가 삭제됩니다).`,
  })),
  when(/(\S+) "([^"]+)" is forbidden: exceeded quota: ([^,\s]+)/, ([, kind, name, quota]) => ({
    en: `The cluster rejected ${kind} "${name}", because it would exceed the quota ${quota} of the namespace. Increase or remove this quota, or set ${project}:kubernetesNamespace to another namespace.`,
    ko: `네임스페이스의 리소스 쿼터(${quota})를 넘기 때문에 클러스터가 생성을 거부했습니다: ${kind} "${name}". 쿼터를 늘리거나 삭제하세요. 또는 ${project}:kubernetesNamespace 설정에 다른 네임스페이스를 지정하세요.`,
  })),
  when(/error reading build output/, () => ({
    en: "The image could not be built, because an instruction in its Dockerfile failed. Its last output is shown below. Fix the Dockerfile, or check your network connection if a download failed, then run the command again.",
    ko: "Dockerfile의 명령이 실패해 이미지를 빌드하지 못했습니다. 그 명령의 마지막 출력은 아래와 같습니다. Dockerfile을 고치거나, 다운로드에 실패했다면 네트워크 연결을 확인한 뒤 명령을 다시 실행하세요.",
  })),
  when(
    /fork\/exec (\S*pulumi-(resource|language)-([\w-]+)\S*): (permission denied|exec format error|no such file or directory)/,
    ([, file = "", kind, name, why]) => ({
      en: `Pulumi's ${kind === "resource" ? "plugin" : "language host"} ${name} cannot be executed: ${file} (${why}). Remove that file or, below .pulumi/plugins, its folder, and run the command again: what is missing is got again.`,
      ko: `Pulumi ${kind === "resource" ? "플러그인" : "언어 호스트"} ${name} 파일을 실행할 수 없습니다: ${file} (${why}). 그 파일을, .pulumi/plugins 아래에 있으면 그 폴더를 지우고 명령을 다시 실행하세요. 없는 것은 다시 받습니다.`,
    }),
  ),
  when(/container name "\/([^"]+)" is already in use/, (found) => ({
    en: `There is already another container called ${found[1]}. Rename it, which keeps its content (docker stop ${found[1]}; docker rename ${found[1]} ${found[1]}-before), or give this stack other names, for example ${project}:prefix: my-`,
    ko: `이름이 ${found[1]}인 다른 컨테이너가 이미 있습니다. 그 컨테이너의 이름을 바꾸거나(docker stop ${found[1]}; docker rename ${found[1]} ${found[1]}-before, 내용은 그대로 남습니다), 이 스택에 다른 이름을 지정하세요. 예: ${project}:prefix: my-`,
  })),
  when(portRefused, ({ groups: { port, reserved } = {} }) =>
    reserved
      ? {
          en: `Port ${port} is reserved by Windows (netsh int ipv4 show excludedportrange tcp lists the reserved ports). Choose another port in the stack's settings file, then run the command again.`,
          ko: `${port}번 포트는 Windows가 예약한 포트입니다(netsh int ipv4 show excludedportrange tcp로 확인). 스택 설정 파일에서 다른 포트를 지정한 뒤 명령을 다시 실행하세요.`,
        }
      : {
          en: `Another program started to use port ${port} while the labs were starting. Find it with docker ps, then run the command again.`,
          ko: `실습을 시작하는 사이에 다른 프로그램이 ${port}번 포트를 사용하기 시작했습니다. docker ps로 확인한 뒤 명령을 다시 실행하세요.`,
        },
  ),
  when(/(?:privileged port |listen tcp\d? \S*:)(\d+)(?:,|: bind: permission denied)/, ([, port]) => ({
    en: `Only root may use port ${port}, and this Docker runs without root. Choose a port from 1024 on in the stack's settings file, then run the command again.`,
    ko: `${port}번 포트는 root만 쓸 수 있는데 이 Docker는 root 없이 실행 중입니다. 스택 설정 파일에서 1024 이상의 포트를 지정한 뒤 명령을 다시 실행하세요.`,
  })),
  when(/(?:start container|external connectivity|create network|Setup IP ?tables|OCI runtime)[\s\S]*/, ([said]) => {
    const refused = startRefused(said, {
      start: "npm run up",
      anew: same("npm run up"),
      corrected: {
        en: "Correct its Dockerfile, or its image in the stack's settings file, then: npm run up",
        ko: "Dockerfile이나 스택 설정 파일의 이미지를 고친 다음: npm run up",
      },
    });
    return (
      refused && {
        en: `A container or its network could not be started. ${refused.why.en} ${refused.next.en}`,
        ko: `컨테이너나 네트워크를 시작하지 못했습니다. ${refused.why.ko} ${refused.next.ko}`,
      }
    );
  }),
  when(/failed to be in healthy state|container (?:[^\s]+ )?(?:is|became|never became) unhealthy/, () => ({
    en: "A container started but did not become healthy. Check its log (docker logs NAME), then run the command again.",
    ko: "컨테이너가 시작되었지만 정상(healthy) 상태가 되지 않았습니다. 로그를 확인한 뒤(docker logs 이름) 명령을 다시 실행하세요.",
  })),
  // The plugin waits for half a minute and does not report the reason.
  when(/has active endpoints|volume is in use|become 'removed' \(last state: '(?:pending|in_use)'/, () => ({
    en: "A container that does not belong to this stack still uses its network or one of its volumes. Find it (docker ps --all) and stop it; remove it if it uses a volume and you no longer need its content. Then run the command again.",
    ko: "이 스택에 속하지 않은 컨테이너가 이 스택의 네트워크나 볼륨을 사용하고 있습니다. docker ps --all로 찾아 중지하세요. 볼륨을 사용하는 컨테이너는 내용이 필요 없으면 삭제하세요. 그런 다음 명령을 다시 실행하세요.",
  })),
  when(/cluster is unreachable[^\n]*(?:provide credentials|Unauthorized)/, () => ({
    en: "The cluster of the Kubernetes lab does not accept the login in your kubeconfig: it has expired, or belongs to an earlier cluster. Log in again (with minikube: minikube start --profile NAME), then run the command again.",
    ko: "쿠버네티스 실습의 클러스터가 kubeconfig의 로그인 정보를 받아들이지 않습니다. 만료되었거나 이전 클러스터의 것입니다. 다시 로그인한 뒤 (minikube라면: minikube start --profile 이름) 명령을 다시 실행하세요.",
  })),
  when(
    /cluster is unreachable(?![^\n]*(?:provide credentials|Unauthorized))|due to unreachable cluster|^\w+ "https:\/\/[^"\n]+\/apis?\/[^"\n]*": \w+ tcp/m,
    () => ({
      en: "The cluster of the Kubernetes lab does not answer. If it is the labs' own cluster, npm run up and npm run destroy start it and continue. Otherwise start your cluster, then run the command again.",
      ko: "쿠버네티스 실습의 클러스터가 응답하지 않습니다. 이 프로젝트에서 만든 클러스터라면 npm run up이나 npm run destroy를 다시 실행하세요. 클러스터를 시작하고 이어서 진행합니다. 다른 클러스터라면 먼저 시작한 뒤 명령을 다시 실행하세요.",
    }),
  ),
  when(/nodePort: Invalid value: (\d+): provided port is already allocated/, (found) => ({
    en: `Node port ${found[1]} is already used by another Service in the cluster. Choose another one in the stack's settings file (${project}:nodePort), then run the command again.`,
    ko: `클러스터의 다른 서비스가 노드포트 ${found[1]}번을 사용하고 있습니다. 스택 설정 파일(${project}:nodePort)에서 다른 포트를 지정한 뒤 명령을 다시 실행하세요.`,
  })),
  when(
    /(namespaces|secrets|services|deployments\S*|persistentvolumeclaims|networkpolicies\S*) "([^"]+)" already exists/,
    (found) => ({
      en: `The cluster already has ${found[1]} "${found[2]}". Run the command again: it reports who created it and what to do.`,
      ko: `같은 이름의 오브젝트가 클러스터에 이미 있습니다: ${found[1]} "${found[2]}". 명령을 다시 실행하면 누가 만든 것인지, 무엇을 해야 하는지 알려 줍니다.`,
    }),
  ),
];

function said({ message }: Error): string {
  return /\n stderr: (.*?)\n err\?:/s.exec(message)?.[1]?.trim() || message;
}

/** Lines without information, or that repeat another one. */
const noise = /^(update failed|preview failed|resource .* failed|\d+ errors? occurred:|sdk-v2\/provider2\.go:.*)$/;

function shortened(messages: string[]): string {
  const [most, widest] = [12, 400];
  const cut = messages.map((line) => (line.length > widest ? `${line.slice(0, widest)} …` : line));
  return [...cut.slice(0, most), ...(cut.length > most ? ["…"] : [])].join("\n");
}

/** @param found problems found in the cluster, which are more reliable than Pulumi's messages */
export function explain(reported: string[], fallback: Error, found: readonly Problem[] = []): LabError {
  if (fallback instanceof LabError) return fallback;
  const all = [...reported, said(fallback)].join("\n");
  const meanings =
    found.length > 0
      ? found.map(problemText)
      : known.flatMap(({ says, means }) => {
          const match = says.exec(all);
          return (match && means(match)) ?? [];
        });
  const messages = (reported.length > 0 ? reported : [said(fallback)])
    .flatMap((text) => text.split("\n"))
    .filter((line) => line.trim() !== "" && !noise.test(line.trim()));
  if (meanings.length === 0) {
    const text = messages.join("\n");
    return new LabError({ en: `Pulumi failed:\n${text}`, ko: `Pulumi가 실패했습니다.\n${text}` });
  }
  const short = shortened(messages);
  return new LabError(
    lines([...meanings, { en: `\nPulumi's message:\n${short}`, ko: `\nPulumi의 메시지:\n${short}` }]),
  );
}
