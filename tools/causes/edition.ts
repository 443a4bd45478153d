import { project } from "../../config";
import { Text } from "../../text";

/** How the lab was made, and so where its faults are mended. */
export interface Edition {
  /** Whether a person made it from the manifest, and not `up` from the stack's settings. */
  byHand: boolean;
  /** Command that makes what is missing, and takes over what was corrected. */
  make: string;
  /** Command that removes the lab with what is stored, as far as it does not make it anew, too. */
  anew: string;
}

/** What `npm run up` makes. @param up the command, with its options */
export const provisionedWith = (up: string): Edition => ({
  byHand: false,
  make: up,
  anew: `npm run destroy -- --labs kubernetes; ${up}`,
});

/** {@link provisionedWith}, of all labs that are on. */
export const provisioned = provisionedWith("npm run up");

/** What is applied by hand. */
export const manifest = "docker/kubernetes/wordpress-k8s.yml";

/** Where the image of a workload is written, the memory that it may have, and the size of its volume. */
export function placesOf(workload: string, { byHand }: Edition): { image: Text; memory: Text; size: Text } {
  const setting = `${project}:${workload}`;
  const of = (what: string, ko: string): Text => ({
    en: `${what} of Deployment ${workload} in ${manifest}`,
    ko: `${manifest} 파일에 있는 ${workload} 디플로이먼트의 ${ko}`,
  });
  return byHand
    ? {
        image: of("the image", "이미지"),
        memory: of("the memory limit", "메모리 한도"),
        size: {
          en: `a larger claim ${workload}-data in ${manifest}`,
          ko: `${manifest} 파일에서 ${workload}-data PVC의 크기`,
        },
      }
    : {
        image: { en: `the setting ${setting}Image in the stack's file`, ko: `스택 파일의 ${setting}Image 설정` },
        memory: {
          en: `the limit of ${workload} in components/wordpress-app.ts (podMemory)`,
          ko: `components/wordpress-app.ts 파일의 podMemory 설정`,
        },
        size: {
          en: `more in the stack's file, for example ${setting}Storage: 5Gi`,
          ko: `스택 파일에서 볼륨 크기 (예: ${setting}Storage: 5Gi)`,
        },
      };
}
