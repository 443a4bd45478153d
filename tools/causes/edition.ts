import { project } from "../../config";
import { Text } from "../../text";

/** How the lab was created, which decides where it is corrected. */
export interface Edition {
  /** Whether it was created from the manifest by hand, and not by `up` from the stack's settings. */
  byHand: boolean;
  /** Command that creates what is missing and applies corrections. */
  make: string;
  /** Command that removes the lab with its data, and re-creates it if `up` created it. */
  anew: string;
}

/** A lab that `npm run up` created. @param up the command, with its options */
export const provisionedWith = (up: string): Edition => ({
  byHand: false,
  make: up,
  anew: `npm run destroy -- --labs kubernetes; ${up}`,
});

/** {@link provisionedWith} for all enabled labs. */
export const provisioned = provisionedWith("npm run up");

/** The file that is applied by hand. */
export const manifest = "docker/kubernetes/wordpress-k8s.yml";

/** Where the image, the memory limit and the volume size of a workload are set. */
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
