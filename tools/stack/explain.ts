import { project } from "../../config";
import { Finding, findingText } from "../causes/finding";
import { portRefused } from "../causes/ports";
import { imageSettings, pullProblem, roomOnDocker } from "../causes/pulls";
import { LabError, lines, Text } from "../../text";

/** What Pulumi, Docker or Kubernetes say, and what it means to a learner. */
const known: { says: RegExp; means: (found: RegExpExecArray) => Text }[] = [
  {
    says: /incorrect passphrase/,
    means: () => ({
      en:
        "The passphrase is wrong: the stack was made with another one. Set the one it was made with " +
        "(PULUMI_CONFIG_PASSPHRASE), or unset the variable if `npm run up` made the stack.",
      ko:
        "암호가 틀립니다: 이 스택은 다른 암호로 만들어졌습니다. 만들 때 쓴 암호를 지정하거나 " +
        "(PULUMI_CONFIG_PASSPHRASE), `npm run up` 이 만든 스택이면 그 변수를 해제하세요 (unset).",
    }),
  },
  {
    says: /the stack is currently locked by/,
    means: () => ({
      en: "Another run is at work on this stack. Wait for it to end, then try again. If it no longer exists: pulumi cancel",
      ko: "다른 실행이 이 스택에서 작업 중입니다. 끝난 뒤 다시 시도하세요. 이미 없는 실행이라면: pulumi cancel",
    }),
  },
  {
    says: /pull image ([^\s:]+(?::[\w.-]+)?)[:\s][\s\S]*/,
    means: ([said, image = ""]) => {
      const { why, next } = pullProblem(said, { image, written: imageSettings, make: "npm run up" });
      return {
        en: `Image ${image} is not here and cannot be pulled. ${why.en} ${next.en}`,
        ko: `${image} 이미지가 없고 내려받을 수도 없습니다. ${why.ko} ${next.ko}`,
      };
    },
  },
  {
    says: /address pools have been fully subnetted|non-overlapping IPv4 address pool/,
    means: () => ({
      en: "Docker has no address left for another network. Remove the networks that nobody uses, nothing is stored in them (docker network prune), then run the command again.",
      ko: "Docker에 새 네트워크에 줄 주소가 남지 않았습니다. 아무도 쓰지 않는 네트워크를 지운 뒤 (docker network prune, 저장된 것은 없습니다) 명령을 다시 실행하세요.",
    }),
  },
  {
    // Of a pull it is told above.
    says: /^(?![\s\S]*pull image)[\s\S]*no space left on device/,
    means: () => ({
      en: `The disk is full. Make room: docker system df shows what takes it; ${roomOnDocker} removes the build cache and images without a name, and no container and no volume. Then run the command again.`,
      ko: `디스크가 가득 찼습니다. 공간을 비우세요: docker system df로 확인, ${roomOnDocker} 명령은 빌드 캐시와 이름 없는 이미지만 지우고 컨테이너와 볼륨은 두고 갑니다. 그런 다음 명령을 다시 실행하세요.`,
    }),
  },
  {
    says: /only dynamically provisioned pvc can be resized|must support resize|field can not be less than/,
    means: () => ({
      en: `A claim cannot have that size: put ${project}:mysqlStorage and ${project}:wordpressStorage back to what they were, then run the command again. A larger claim means new data: npm run destroy -- --labs kubernetes first (posts and uploads are lost).`,
      ko: `볼륨 클레임의 크기를 그렇게 바꿀 수 없습니다: ${project}:mysqlStorage 값과 ${project}:wordpressStorage 값을 되돌린 뒤 명령을 다시 실행하세요. 더 큰 클레임은 새로 만들어야 합니다: 먼저 npm run destroy -- --labs kubernetes (글과 업로드가 사라집니다).`,
    }),
  },
  {
    says: /(\S+) "([^"]+)" is forbidden: exceeded quota: ([^,\s]+)/,
    means: ([, kind, name, quota]) => ({
      en: `The cluster does not take ${kind} "${name}": the namespace's quota ${quota} would be exceeded. Raise or remove that quota, or set ${project}:kubernetesNamespace to another namespace.`,
      ko: `클러스터가 ${kind} "${name}" 생성을 거부했습니다: 네임스페이스의 할당량 ${quota} 한도를 넘습니다. 할당량을 늘리거나 지우거나, ${project}:kubernetesNamespace 설정으로 다른 네임스페이스를 쓰세요.`,
    }),
  },
  {
    says: /error reading build output/,
    means: () => ({
      en: "The image could not be built: an instruction of its Dockerfile failed. What it printed last is below. Mend the Dockerfile, or your connection where something could not be downloaded, then run the command again.",
      ko: "이미지를 빌드하지 못했습니다: Dockerfile 의 명령 하나가 실패했습니다. 그 명령의 마지막 출력이 아래에 있습니다. Dockerfile 을 고치거나, 내려받지 못한 것이 있으면 네트워크를 확인한 뒤 명령을 다시 실행하세요.",
    }),
  },
  {
    says: /fork\/exec (\S*pulumi-(resource|language)-([\w-]+)\S*): (permission denied|exec format error|no such file or directory)/,
    means: ([, file = "", kind, name, why]) => ({
      en: `Pulumi's ${kind === "resource" ? "plugin" : "language host"} ${name} cannot be executed: ${file} (${why}). Remove that file or, below .pulumi/plugins, its folder, and run the command again: what is missing is got again.`,
      ko: `Pulumi ${kind === "resource" ? "플러그인" : "언어 호스트"} ${name} 파일을 실행할 수 없습니다: ${file} (${why}). 그 파일을, .pulumi/plugins 아래에 있으면 그 폴더를 지우고 명령을 다시 실행하세요. 없는 것은 다시 받습니다.`,
    }),
  },
  {
    says: /container name "\/([^"]+)" is already in use/,
    means: (found) => ({
      en: `Another container is called ${found[1]} already. Give it another name, what is in it stays (docker stop ${found[1]}; docker rename ${found[1]} ${found[1]}-before), or give this stack other names, for example ${project}:prefix: my-`,
      ko: `${found[1]} 이름의 컨테이너가 이미 있습니다. 그 컨테이너에 다른 이름을 주거나 (docker stop ${found[1]}; docker rename ${found[1]} ${found[1]}-before, 안에 든 것은 남습니다) 이 스택에 다른 이름을 주세요. 예: ${project}:prefix: my-`,
    }),
  },
  {
    says: portRefused,
    means: ({ groups: { port, reserved } = {} }) =>
      reserved
        ? {
            en: `Windows keeps port ${port} for itself (netsh int ipv4 show excludedportrange tcp lists such ports). Choose another in the stack's file, then run the command again.`,
            ko: `Windows 가 ${port} 포트를 따로 잡아 두었습니다 (netsh int ipv4 show excludedportrange tcp 로 확인). 스택 파일에서 다른 포트를 고른 뒤 명령을 다시 실행하세요.`,
          }
        : {
            en: `Port ${port} was taken while the labs started. See who has it (docker ps), then run the command again.`,
            ko: `실습을 시작하는 동안 ${port} 포트를 다른 쪽이 차지했습니다. 누구인지 확인한 뒤 (docker ps) 명령을 다시 실행하세요.`,
          },
  },
  {
    says: /failed to be in healthy state|container (?:[^\s]+ )?(?:is|became|never became) unhealthy/,
    means: () => ({
      en: "A container started but did not become healthy. Look at what it says (docker logs NAME), then run the command again.",
      ko: "컨테이너가 시작했지만 정상 상태가 되지 않았습니다. 로그를 확인하고 (docker logs 이름) 명령을 다시 실행하세요.",
    }),
  },
  {
    // The plugin waits for half a minute, and keeps Docker's reason to itself.
    says: /has active endpoints|become 'removed' \(last state: 'pending'/,
    means: () => ({
      en: "A container that this stack did not make still uses its network. Stop it (docker ps), then run the command again.",
      ko: "이 스택이 만들지 않은 컨테이너가 아직 네트워크를 쓰고 있습니다. 멈춘 뒤 (docker ps) 명령을 다시 실행하세요.",
    }),
  },
  {
    says: /volume is in use|become 'removed' \(last state: 'in_use'/,
    means: () => ({
      en: "A container that this stack did not make still uses one of its volumes. See which (docker ps --all), stop it, and remove it once nothing in it is needed any more, then run the command again.",
      ko: "이 스택이 만들지 않은 컨테이너가 아직 볼륨을 쓰고 있습니다. 어느 것인지 보고 (docker ps --all) 멈춘 뒤, 안에 든 것이 필요 없으면 지우고 명령을 다시 실행하세요.",
    }),
  },
  {
    says: /configured Kubernetes cluster is unreachable|due to unreachable cluster/,
    means: () => ({
      en: "The cluster of the Kubernetes lab does not answer. Where it is ours, this starts it: npm run up. Another one: start it first.",
      ko: "쿠버네티스 실습의 클러스터가 응답하지 않습니다. 이 프로젝트의 클러스터라면 npm run up 이 시작합니다. 다른 클러스터라면 먼저 시작하세요.",
    }),
  },
  {
    says: /nodePort: Invalid value: (\d+): provided port is already allocated/,
    means: (found) => ({
      en: `Node port ${found[1]} is taken by another Service of the cluster. Choose another in the stack's file (${project}:nodePort), then run the command again.`,
      ko: `노드 포트 ${found[1]} 을(를) 클러스터의 다른 서비스가 쓰고 있습니다. 스택 파일에서 다른 포트를 고른 뒤 (${project}:nodePort) 명령을 다시 실행하세요.`,
    }),
  },
  {
    says: /(namespaces|secrets|services|deployments\S*|persistentvolumeclaims|networkpolicies\S*) "([^"]+)" already exists/,
    means: (found) => ({
      en: `The cluster has ${found[1]} "${found[2]}" already. Run the command again: it says whose that is, and what to do.`,
      ko: `클러스터에 ${found[1]} "${found[2]}" 이(가) 이미 있습니다. 명령을 다시 실행하면 누구의 것인지와 할 일을 알려 줍니다.`,
    }),
  },
];

/** What the `pulumi` command itself said, out of what the Automation API makes of it. */
function said({ message }: Error): string {
  return /\n stderr: (.*?)\n err\?:/s.exec(message)?.[1]?.trim() || message;
}

/** Lines that say nothing, or say again what another one says. */
const noise = /^(update failed|preview failed|resource .* failed|\d+ errors? occurred:|sdk-v2\/provider2\.go:.*)$/;

/** What Pulumi said at length, cut to what fits below an explanation. */
function shortened(told: string[]): string {
  const [most, widest] = [12, 400];
  const cut = told.map((line) => (line.length > widest ? `${line.slice(0, widest)} …` : line));
  return [...cut.slice(0, most), ...(cut.length > most ? ["…"] : [])].join("\n");
}

/**
 * Turns what was reported into one error that says what to do; what Pulumi said follows it.
 * @param found what the cluster itself says is wrong, which is surer than what can be read out of Pulumi's messages
 */
export function explain(reported: string[], fallback: Error, found: readonly Finding[] = []): LabError {
  if (fallback instanceof LabError) return fallback;
  const all = [...reported, said(fallback)].join("\n");
  const meanings =
    found.length > 0
      ? found.map(findingText)
      : known.flatMap(({ says, means }) => {
          const match = says.exec(all);
          return match ? [means(match)] : [];
        });
  const told = (reported.length > 0 ? reported : [said(fallback)])
    .flatMap((text) => text.split("\n"))
    .filter((line) => line.trim() !== "" && !noise.test(line.trim()));
  if (meanings.length === 0) {
    const text = told.join("\n");
    return new LabError({ en: `Pulumi could not do it:\n${text}`, ko: `Pulumi 가 끝내지 못했습니다:\n${text}` });
  }
  const short = shortened(told);
  return new LabError(lines([...meanings, { en: `\nPulumi said:\n${short}`, ko: `\nPulumi 의 메시지:\n${short}` }]));
}
