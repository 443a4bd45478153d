import { project } from "../config";
import { LabError, lines, Text } from "../text";

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
    says: /pull image ([^\s:]+(?::[\w.-]+)?)[:\s]/,
    means: (found) => ({
      en: `Image ${found[1]} is not here and cannot be pulled. Check its name in the stack's file (the settings that end in Image), and your connection.`,
      ko: `${found[1]} 이미지가 없고 내려받을 수도 없습니다. 스택 파일의 이름(Image 로 끝나는 설정)과 네트워크를 확인하세요.`,
    }),
  },
  {
    says: /container name "\/([^"]+)" is already in use/,
    means: (found) => ({
      en: `Another container is called ${found[1]} already. Remove it (docker rm --force ${found[1]}), or give this stack other names, for example ${project}:prefix: my-`,
      ko: `${found[1]} 이름의 컨테이너가 이미 있습니다. 지우거나 (docker rm --force ${found[1]}) 이 스택에 다른 이름을 주세요. 예: ${project}:prefix: my-`,
    }),
  },
  {
    says: /(?:listen tcp\d? |Bind for )[\d.]+:(\d+)[^\n]*(?:address already in use|port is already allocated)/,
    means: (found) => ({
      en: `Port ${found[1]} was taken while the labs started. See who has it (docker ps), then run the command again.`,
      ko: `실습을 시작하는 동안 ${found[1]} 포트를 다른 쪽이 차지했습니다. 누구인지 확인한 뒤 (docker ps) 명령을 다시 실행하세요.`,
    }),
  },
  {
    says: /failed to be in healthy state|container (?:[^\s]+ )?(?:is|became|never became) unhealthy/,
    means: () => ({
      en: "A container started but did not become healthy. Look at what it says (docker logs NAME), then run the command again.",
      ko: "컨테이너가 시작했지만 정상 상태가 되지 않았습니다. 로그를 확인하고 (docker logs 이름) 명령을 다시 실행하세요.",
    }),
  },
  {
    says: /network [^\n]* has active endpoints|has active endpoints/,
    means: () => ({
      en: "A container that this stack did not make still uses its network. Stop it (docker ps), then run the command again.",
      ko: "이 스택이 만들지 않은 컨테이너가 아직 네트워크를 쓰고 있습니다. 멈춘 뒤 (docker ps) 명령을 다시 실행하세요.",
    }),
  },
  {
    says: /volume is in use/,
    means: () => ({
      en: "A container that this stack did not make still uses one of its volumes. Remove it (docker ps --all), then run the command again.",
      ko: "이 스택이 만들지 않은 컨테이너가 아직 볼륨을 쓰고 있습니다. 지운 뒤 (docker ps --all) 명령을 다시 실행하세요.",
    }),
  },
  {
    says: /configured Kubernetes cluster is unreachable/,
    means: () => ({
      en: "The cluster of the Kubernetes lab does not answer. Start it: minikube start",
      ko: "쿠버네티스 실습의 클러스터가 응답하지 않습니다. 시작하세요: minikube start",
    }),
  },
];

/** What the `pulumi` command itself said, out of what the Automation API makes of it. */
function said({ message }: Error): string {
  return /\n stderr: (.*?)\n err\?:/s.exec(message)?.[1]?.trim() || message;
}

/** Lines that say nothing, or say again what another one says. */
const noise = /^(update failed|preview failed|resource .* failed|\d+ errors? occurred:|sdk-v2\/provider2\.go:.*)$/;

/** Turns what was reported into one error that says what to do; what Pulumi said follows it. */
export function explain(reported: string[], fallback: Error): LabError {
  if (fallback instanceof LabError) return fallback;
  const all = [...reported, said(fallback)].join("\n");
  const meanings = known.flatMap(({ says, means }) => {
    const found = says.exec(all);
    return found ? [means(found)] : [];
  });
  const told = (reported.length > 0 ? reported : [said(fallback)])
    .flatMap((text) => text.split("\n"))
    .filter((line) => line.trim() !== "" && !noise.test(line.trim()))
    .join("\n");
  return new LabError(
    meanings.length > 0
      ? lines([...meanings, { en: `\nPulumi said:\n${told}`, ko: `\nPulumi 의 메시지:\n${told}` }])
      : { en: `Pulumi could not do it:\n${told}`, ko: `Pulumi 가 끝내지 못했습니다:\n${told}` },
  );
}
