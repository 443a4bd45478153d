import { Text } from "../../text";
import { row as meaning, thenRun } from "./meaning";
import { ofMinikube, roomRemedyOnDocker } from "./remedies";

/** An image that could not be pulled. */
export interface Pull {
  image: string;
  /** Where its name is set. */
  written: Text;
  /** Command to continue with when the cause is removed. */
  make: string;
  /** Context of the cluster whose node pulls it; undefined for Docker on this machine. */
  context?: string;
}

const correct = ({ written, make }: Pull): Text => ({
  en: `Correct ${written.en}, then: ${make}`,
  ko: `이미지 이름을 고친 뒤 (${written.ko}): ${make}`,
});

const then =
  (en: string, ko: string) =>
  ({ make }: Pull): Text =>
    thenRun(en, ko, make);

const row = <N extends string>(name: N, ...rest: Parameters<typeof meaning<[Pull]>>) => ({ name, ...meaning(...rest) });

/** Pulls an image with Docker on this machine, and loads it into a node of minikube. */
export const byWayOfDocker = ({ image, context }: Pick<Pull, "image" | "context">): string =>
  context !== undefined && ofMinikube(context)
    ? `docker pull ${image}; minikube --profile ${context} image load ${image}`
    : `docker pull ${image}`;

const connection = (pull: Pull): Text => {
  const { make, context } = pull;
  return context !== undefined && ofMinikube(context)
    ? {
        en: `Check the network. If this machine reaches the registry but the node does not: ${byWayOfDocker(pull)}. Then: ${make}`,
        ko: `네트워크를 확인하세요. 이 컴퓨터에서는 레지스트리에 접속되는데 노드에서만 안 된다면: ${byWayOfDocker(pull)}. 그런 다음: ${make}`,
      }
    : { en: `Check the network, then: ${make}`, ko: `네트워크를 확인한 뒤: ${make}` };
};

/** Messages of Docker, containerd and the kubelet about a failed pull. The first match counts. */
const causes = [
  row(
    "image name",
    /InvalidImageName|couldn't parse image|invalid reference format|must be lowercase|invalid repository name/i,
    "This is not a valid image name.",
    "이미지 이름의 형식이 잘못되었습니다.",
    correct,
  ),
  row(
    "never pulled",
    /ErrImageNeverPull|pull policy of Never/,
    "The node does not have it, and its imagePullPolicy is Never.",
    "노드에 이미지가 없는데 imagePullPolicy가 Never입니다.",
    (pull) => ({
      en: `Load it into the node (${byWayOfDocker(pull)}), or remove the policy, then: ${pull.make}`,
      ko: `이미지를 노드에 넣거나 (${byWayOfDocker(pull)}) imagePullPolicy를 삭제한 뒤: ${pull.make}`,
    }),
  ),
  row(
    "pull limit",
    /toomanyrequests|rate limit|\b429\b|too many requests/i,
    "The registry's pull limit is reached. Everyone behind one public address, such as a class, shares it.",
    "레지스트리의 내려받기 한도에 도달했습니다. 같은 공인 IP 주소를 쓰는 사람(예: 같은 교실)은 한도를 함께 사용합니다.",
    (pull) => ({
      en: `Log in with your own account (docker login; ${byWayOfDocker(pull)}), or wait a few hours, then: ${pull.make}`,
      ko: `본인 계정으로 로그인하거나 (docker login; ${byWayOfDocker(pull)}) 몇 시간 기다린 뒤: ${pull.make}`,
    }),
  ),
  row(
    "disk full",
    /no space left on device|out of disk space|disk quota exceeded|not enough (?:disk )?space|ENOSPC/i,
    "The disk is full.",
    "디스크가 가득 찼습니다.",
    ({ make }) => roomRemedyOnDocker(make),
  ),
  row(
    "credential helper",
    /error getting credentials|docker-credential-|credentials? store|credential helper/i,
    "Docker is configured to keep logins in a credential helper that is missing or does not work.",
    "Docker가 로그인 정보를 보관하도록 설정된 프로그램(credential helper)이 없거나 작동하지 않습니다.",
    ({ make }) => ({
      en: `Remove the line "credsStore" (or "credHelpers") from ~/.docker/config.json. Logins that it kept have to be made again with docker login. Then: ${make}`,
      ko: `~/.docker/config.json 파일에서 "credsStore" (또는 "credHelpers") 줄을 삭제하세요. 보관되어 있던 로그인은 docker login으로 다시 해야 합니다. 그런 다음: ${make}`,
    }),
  ),
  row(
    "platform",
    /no match(?:ing manifest)? for|no matching manifest|exec format error|does not match the (?:specified|detected)[^\n]*platform|cannot be used on this platform|schema 1|schemaVersion|Docker Image Format v1|unsupported manifest|Accept header does not support|media ?type[^\n]*(?:not supported|no longer supported|unsupported)/i,
    "There is no image for this kind of processor, or its format is too old or too new for this Docker.",
    "이 프로세서에 맞는 이미지가 없거나, 이미지 형식이 현재 Docker에 너무 오래되었거나 너무 최신입니다.",
    ({ written, make }) => ({
      en: `Choose another version in ${written.en} (MySQL has arm64 images from 8.0 on), then: ${make}`,
      ko: `다른 버전을 고르세요 (MySQL은 8.0부터 arm64용도 있습니다): ${written.ko}. 그런 다음: ${make}`,
    }),
  ),
  row(
    "proxy",
    /proxyconnect|(?:connecting to|via) proxy|socks connect|proxy authentication required|\b407\b/i,
    "The proxy does not let it through.",
    "프록시가 연결을 허용하지 않습니다.",
    then(
      "Check the proxy that Docker is configured to use (docker info shows it; https://docs.docker.com/engine/daemon/proxy/)",
      "Docker에 설정된 프록시를 확인한 뒤 (docker info로 확인, https://docs.docker.com/engine/daemon/proxy/)",
    ),
  ),
  row(
    "clock",
    /certificate has expired or is not yet valid/i,
    "By this machine's clock, the registry's certificate is not valid.",
    "이 컴퓨터의 시계 기준으로는 레지스트리 인증서의 유효 기간이 아닙니다.",
    then(
      "Set the clock (Docker Desktop follows after a restart)",
      "시계를 맞춘 뒤 (Docker Desktop은 다시 시작하면 반영됩니다)",
    ),
  ),
  row(
    "certificate",
    /x509|certificate|server gave HTTP response to HTTPS client|tls: (?!.*timeout)/i,
    "The registry's certificate is not trusted: a proxy or a virus scanner intercepts the connection, or the registry has no valid certificate.",
    "레지스트리의 인증서를 신뢰할 수 없습니다. 프록시나 백신이 연결을 가로채고 있거나 레지스트리에 올바른 인증서가 없습니다.",
    then(
      "Use another network, or give Docker the certificate (https://docs.docker.com/engine/security/certificates/)",
      "다른 네트워크를 쓰거나 Docker에 인증서를 등록한 뒤 (https://docs.docker.com/engine/security/certificates/)",
    ),
  ),
  row(
    "registry in trouble",
    /\b50[0234]\b|service unavailable|bad gateway|internal server error|pull ?QPS ?exceeded/i,
    "The registry itself reports an error, or the node was asked for too many images at once.",
    "레지스트리 자체에 오류가 있거나 노드가 한꺼번에 너무 많은 이미지를 요청받았습니다.",
    then("Wait a few minutes", "몇 분 기다린 뒤"),
  ),
  row(
    "registry unreachable",
    /RegistryUnavailable|no such host|server misbehaving|temporary failure in name resolution|i\/o timeout|handshake timeout|connection (?:refused|reset|lost)|closed network connection|network is unreachable|no route to host|dial tcp|deadline exceeded|Client\.Timeout|request canceled|timed out|http2: |broken pipe|\bEOF$|unexpected (?:EOF|commit digest)|(?:layer|config) verification failed|failed size validation|unknown blob|invalid checksum digest|invalid (?:tar )?header|corrupt input|stream error/im,
    "The image is not here, and its registry cannot be reached, or what arrives from it is incomplete.",
    "이미지가 없는데, 레지스트리에 접속할 수 없거나 이미지가 불완전하게 도착합니다.",
    connection,
  ),
  row(
    "image storage",
    /failed to (?:register|extract) layer|failed to mount|extraction snapshot|read-only file system|input\/output error/i,
    "It arrived, but the disk or its file system does not take it.",
    "이미지를 받았지만 디스크나 파일 시스템에 저장하지 못했습니다.",
    ({ make, context }) =>
      context === undefined
        ? thenRun("Restart Docker", "Docker를 다시 시작한 뒤", make)
        : thenRun(
            `Restart the node (with minikube, stored data is kept: minikube stop --profile ${context}; minikube start --profile ${context})`,
            `노드를 다시 시작한 뒤 (minikube라면, 저장된 데이터는 유지됩니다: minikube stop --profile ${context}; minikube start --profile ${context})`,
            make,
          ),
  ),
  row(
    "login",
    /incorrect username or password|(?:token|credentials?)[^\n]{0,20}(?:expired|revoked|invalid)/i,
    "The registry rejects the login that Docker has stored for it.",
    "레지스트리가 Docker에 저장된 로그인 정보를 거부했습니다.",
    then(
      "Log in again (docker login), or remove the login (docker logout)",
      "다시 로그인하거나 (docker login) 로그인 정보를 지운 뒤 (docker logout)",
    ),
  ),
  row(
    "no such image",
    /not found|manifest unknown|name unknown|does not exist|no such manifest|unauthorized|(?<!permission )denied|no basic auth credentials|authentication required|insufficient_scope|\b40[13]\b/i,
    "The registry has no such image, or it is not public.",
    "레지스트리에 그런 이미지가 없거나 공개되지 않은 이미지입니다.",
    correct,
  ),
] as const;

/** Why an image cannot be pulled, and the one next step; the name is for programs. */
export type PullCause = (typeof causes)[number];

/** Why an image cannot be pulled, from the message of Docker or the cluster; undefined for an unknown message. */
export const pullCause = (said: string): PullCause | undefined => causes.find(({ says }) => says.test(said));

/** {@link pullCause}, with a step for unknown messages, too: the message is shown beside it. */
export function pullProblem(said: string, pull: Pull): { why: Text; next: Text } {
  const cause = pullCause(said);
  if (cause) return { why: cause.why, next: cause.next(pull) };
  const { written, make } = pull;
  return {
    why: { en: "The error message was:", ko: "오류 메시지는 다음과 같습니다." },
    next: {
      en: `Follow the message, or choose another image in ${written.en}, then: ${make}`,
      ko: `메시지에 따라 조치하거나 다른 이미지를 고르세요: ${written.ko}. 그런 다음: ${make}`,
    },
  };
}

/** The reasons of a container that waits for an image that cannot be pulled. */
export const imageReasons = [
  "ErrImagePull",
  "ImagePullBackOff",
  "ErrImageNeverPull",
  "InvalidImageName",
  "RegistryUnavailable",
  "SignatureValidationFailed",
  "PullQPSExceeded",
  "ImageInspectError",
];

/** Where the images of the labs are set. */
export const imageSettings: Text = {
  en: "the stack's file (the settings that end in Image)",
  ko: "스택 파일에서 이름이 Image로 끝나는 설정",
};
