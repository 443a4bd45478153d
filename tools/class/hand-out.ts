import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SeatOutputs } from "../../outputs";
import { Access, kubeconfigOf, Server } from "./access";

/** The names of a student's files. */
const [kubeconfigFile, manifestFile, pageFile] = ["kubeconfig.yaml", "wordpress-k8s.yml", "START.md"];

/** The course's manifest for a seat, with its namespace and its only node port. */
export function manifestFor(manifest: string, { namespace, nodePort }: SeatOutputs): string {
  return manifest
    .replace(/^(#[^\n]*\n)+/, "")
    .replace(/^( {2}namespace:) .*$/gm, `$1 ${namespace}`)
    .replace(/^( +nodePort:) .*$/gm, `$1 ${nodePort}`);
}

/** A time to the minute, as people read it. */
export const timeOf = (date: Date) => `${date.toISOString().slice(0, 16).replace("T", " ")} UTC`;

/** The page of a student: the seat, its end, and three commands. */
export function pageFor(seat: SeatOutputs, { ends }: Access, hasLab: boolean): string {
  const { student = seat.seat, namespace, url } = seat;
  const secret =
    "kubectl create secret generic mysql --from-literal=password=CHOOSE --from-literal=root-password=CHOOSE";
  const commands = hasLab
    ? ["kubectl get all", "kubectl rollout status deployment wordpress"]
    : [secret, `kubectl apply --filename ${manifestFile}`];
  const block = [`export KUBECONFIG="$PWD/${kubeconfigFile}"`, ...commands].join("\n");
  return `# ${student}

Your seat is the namespace \`${namespace}\`. Access ends at ${timeOf(ends)}; your teacher can renew it.
You need [kubectl](https://kubernetes.io/docs/tasks/tools/). In this folder, type:

\`\`\`sh
${block}
\`\`\`

In PowerShell the first line is: \`$env:KUBECONFIG = "$PWD\\${kubeconfigFile}"\`
${hasLab ? "" : "\nFor each CHOOSE, write a password of your own.\n"}
Then open ${url}

- Whoever has \`${kubeconfigFile}\` can change your seat. Give it to nobody.
- The only node port of your seat is ${seat.nodePort}.
- \`kubectl describe resourcequota\` shows how much of your share is used.
- If kubectl says \`Unauthorized\`, your access has ended: ask your teacher for a new \`${kubeconfigFile}\`.

---

자리는 네임스페이스 \`${namespace}\`입니다. 접근 권한은 ${timeOf(ends)}에 끝나며 선생님이 연장할 수 있습니다.
[kubectl](https://kubernetes.io/ko/docs/tasks/tools/)이 필요합니다. 이 폴더에서 입력하세요:

\`\`\`sh
${block}
\`\`\`

PowerShell에서는 첫 줄을 이렇게 씁니다: \`$env:KUBECONFIG = "$PWD\\${kubeconfigFile}"\`
${hasLab ? "" : "\nCHOOSE 자리에는 직접 정한 암호를 쓰세요.\n"}
그런 다음 여세요: ${url}

- \`${kubeconfigFile}\` 파일이 있으면 누구나 이 자리를 바꿀 수 있습니다. 아무에게도 주지 마세요.
- 이 자리에서 쓸 수 있는 노드포트는 ${seat.nodePort}뿐입니다.
- 몫을 얼마나 썼는지 보기: \`kubectl describe resourcequota\`
- kubectl이 \`Unauthorized\`라고 하면 접근 권한이 끝난 것입니다. 선생님께 새 \`${kubeconfigFile}\` 파일을 받으세요.
`;
}

/** Writes what one student gets into a folder of the seat's name. @returns the folder */
export function handOut(folder: string, server: Server, seat: SeatOutputs, access: Access, hasLab: boolean): string {
  const own = join(folder, seat.seat);
  mkdirSync(own, { recursive: true });
  // It contains access to a cluster, which must not get into a repository.
  writeFileSync(join(folder, ".gitignore"), "*\n");
  const kubeconfig = join(own, kubeconfigFile);
  writeFileSync(kubeconfig, kubeconfigOf(server, seat, access), { mode: 0o600 });
  // An existing file keeps its permissions.
  chmodSync(kubeconfig, 0o600);
  writeFileSync(join(own, pageFile), pageFor(seat, access, hasLab));
  if (!hasLab) {
    const manifest = readFileSync(join("docker", "kubernetes", "wordpress-k8s.yml"), "utf8");
    writeFileSync(join(own, manifestFile), manifestFor(manifest, seat));
  }
  return own;
}
