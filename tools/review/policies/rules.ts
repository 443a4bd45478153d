import { dockerLabelKeys, kubernetesLabelKeys } from "../../../components/names";
import { Settings } from "../../../config";
import { Opening, openingsOf, podOf } from "../openings";
import { addressOf } from "../openings/container";
import { containersOf } from "../openings/pod";
import { parseImage } from "../../../config/image-name";
import { isDatabase } from "../resources/images";
import { at, objectsAt, shown } from "../resources/values";
import { imagesOf } from "../rules/versions";
import { Text } from "../../../text";
import { Exposed, exposedSecrets } from "./secrets";

export interface Subject {
  type: string;
  name: string;
  /** May hold secrets and unknown values as Pulumi marks them; what is unknown breaks no rule. */
  inputs: Record<string, unknown>;
}

/** The settings that make something allowed that is not otherwise. */
export type Allowed = Partial<Pick<Settings, "bindAddress" | "nodePort" | "seats">>;

export interface Rule {
  name: string;
  description: string;
  /** What is wrong with a resource, and the remedy; nothing where all is well. */
  check: (subject: Subject, allowed: Allowed) => Text[];
}

const isSet = (value: unknown) => value !== undefined && value !== null;

/** Openings that are ports of this machine or of a node. */
const isPort = /^(port|all ports|host network|hostNetwork|NodePort|LoadBalancer|ip)\b|\bhostPort\b/;

const publicPort: Rule = {
  name: "no-public-port",
  description: "A port is open beyond this machine only where a setting says so.",
  check: ({ type, inputs }, { bindAddress = "127.0.0.1", nodePort = NaN, seats = [] }) => {
    const numbers = objectsAt(inputs, "spec.ports").map((port) => Number(port.nodePort));
    // Each seat of a class has the next one.
    const areOurs = numbers.every((port) => port >= nodePort && port <= nodePort + seats.length);
    const isAllowed = ({ key }: Opening) =>
      key.startsWith("NodePort ") ? areOurs : key.startsWith("port ") && key.endsWith(` ${addressOf(bindAddress)}`);
    return openingsOf(type, inputs)
      .filter((opening) => isPort.test(opening.key) && !isAllowed(opening))
      .map(({ text }) => ({
        en: `${text.en}. Publish it on the setting course-labs:bindAddress, or with a Service on course-labs:nodePort.`,
        ko: `${text.ko}. course-labs:bindAddress 설정의 주소나, course-labs:nodePort 포트의 서비스로 공개하세요.`,
      }));
  },
};

const exposed: Record<Exposed["how"], (path: string) => Text> = {
  plain: (path) => ({
    en: `${path} is a password that is written in the program or not kept secret. Generate it (random.RandomPassword) and pass it on as a secret.`,
    ko: `${path} 값이 프로그램에 적혀 있거나 비밀로 지켜지지 않는 암호입니다. 생성해서 (random.RandomPassword) 비밀 값으로 넘기세요.`,
  }),
  shown: (path) => ({
    en: `${path} is a password that the cluster shows to all who may look at this object. Put it into a Secret and refer to that (secretKeyRef).`,
    ko: `이 오브젝트를 볼 수 있는 사람은 누구나 ${path} 암호를 읽을 수 있습니다. 시크릿(Secret)에 넣고 참조하세요 (secretKeyRef).`,
  }),
};

const plainPassword: Rule = {
  name: "no-plain-text-password",
  description: "Passwords are generated and kept secret; none is written down.",
  check: ({ type, inputs }) => exposedSecrets(type, inputs).map(({ path, how }) => exposed[how](path)),
};

const pinnedImage: Rule = {
  name: "pinned-image",
  description: "An image has a tag other than latest, or a digest: what it is does not depend on the day.",
  check: ({ type, inputs }) =>
    // What is built has a name as what is pulled has.
    [...imagesOf(type, inputs), ...imagesOf("docker:index/remoteImage:RemoteImage", { name: inputs.imageName })]
      .map(([, image]) => image)
      .filter((image) => {
        const { tag, digest } = parseImage(image);
        return digest === undefined && (tag === undefined || tag === "latest");
      })
      .map((image) => {
        const versioned = `${image.replace(/:latest$/, "")}:1.2.3`;
        return {
          en: `image ${image} has ${image.endsWith(":latest") ? "the tag latest" : "no tag"}: what it is changes from day to day. Name a version, such as ${versioned}`,
          ko: `${image} 이미지는 ${image.endsWith(":latest") ? "태그가 latest이므로" : "태그가 없으므로"} 날마다 달라집니다. 버전을 지정하세요. 예: ${versioned}`,
        };
      }),
};

const resources: Rule = {
  name: "requests-and-limits",
  description: "A pod says what it needs, and where it stops.",
  check: (subject) =>
    containersOf(podOf(subject.type, subject.inputs)).flatMap((container) => {
      const missing = ["requests.cpu", "requests.memory", "limits.memory"].filter(
        (path) => !isSet(at(container, `resources.${path}`)),
      );
      const [name, list] = [shown(container.name), missing.join(", ")];
      if (missing.length === 0) return [];
      return {
        en: `container ${name} lacks resources.${list}: on a small cluster it takes what the others need. Set what is missing.`,
        ko: `${name} 컨테이너에 resources.${list} 값이 없어, 작은 클러스터에서 다른 파드의 몫까지 차지합니다. 지정하세요.`,
      };
    }),
};

const oneDatabase: Rule = {
  name: "one-database-per-volume",
  description: "A database on a volume has one replica, and stops before its successor starts.",
  check: (subject) => {
    const pod = podOf(subject.type, subject.inputs);
    const onVolume = objectsAt(pod, "volumes").some((volume) => isSet(at(volume, "persistentVolumeClaim")));
    const database = containersOf(podOf(subject.type, subject.inputs)).some(
      ({ image }) => typeof image === "string" && isDatabase(image),
    );
    if (!onVolume || !database) return [];
    const replicas = Number(at(subject.inputs, "spec.replicas"));
    const strategy = at(subject.inputs, "spec.strategy.type");
    const wrong: Text[] = [];
    if (replicas > 1) {
      wrong.push({
        en: `${replicas} replicas of a database on one volume ruin each other's files. Set replicas to 1.`,
        ko: `볼륨 하나를 쓰는 데이터베이스 레플리카 ${replicas}개는 서로의 파일을 망가뜨립니다. replicas 값을 1로 하세요.`,
      });
    }
    if (subject.type === "kubernetes:apps/v1:Deployment" && strategy !== "Recreate") {
      wrong.push({
        en: "during an update two databases would be on one volume. Set strategy.type to Recreate.",
        ko: "업데이트하는 동안 데이터베이스 둘이 한 볼륨을 씁니다. strategy.type 값을 Recreate로 하세요.",
      });
    }
    return wrong;
  },
};

const labels: Rule = {
  name: "labels",
  description: "Every object says whose it is: without, nobody finds what a broken run left behind.",
  check: ({ type, inputs }) => {
    const onDocker = /^docker:index\/(container:Container|network:Network|volume:Volume)$/.test(type);
    if (!onDocker && !type.startsWith("kubernetes:")) return [];
    const wanted = onDocker ? dockerLabelKeys : kubernetesLabelKeys;
    const have = onDocker
      ? objectsAt(inputs, "labels").map(({ label }) => label)
      : Object.keys(at(inputs, "metadata.labels") ?? {});
    const missing = Object.values(wanted).filter((key) => !have.includes(key));
    if (missing.length === 0) return [];
    const text: Text = {
      en: `it lacks the labels ${missing.join(", ")}. Pass on those of LabOwner.`,
      ko: `${missing.join(", ")} 레이블이 없습니다. LabOwner의 레이블을 넘기세요.`,
    };
    return [text];
  },
};

export const rules: readonly Rule[] = [publicPort, plainPassword, pinnedImage, resources, oneDatabase, labels];
