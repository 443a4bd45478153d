import { familiarName } from "../../docker/image-names";
import { parseImage } from "../../../config/image-name";
import { same, Text } from "../../../text";
import { Container, Mount } from "../facts/docker";

/** Whether a mount is a volume that Docker made for one container only, and calls by a number. */
export const isAnonymous = ({ type, name }: Mount) => type === "volume" && /^[0-9a-f]{64}$/.test(name);

/** Whether what is in it outlives the container. */
const stays = (mount: Mount) => mount.type === "bind" || (mount.type === "volume" && !isAnonymous(mount));

/**
 * The step that has a container made anew, with what goes with the one that is there, and how to keep it.
 * @param make command that makes it where there is none
 */
export function anew(container: Container | undefined, make: string): Text {
  if (!container) return same(make);
  const { name, mounts, status } = container;
  const remake = `docker rm --force ${name}; ${make}`;
  // One that never started has nothing in it.
  if (status === "created") return same(remake);
  const kept = mounts.filter(stays).map((mount) => mount.name);
  if (kept.length > 0) {
    const list = kept.join(", ");
    return {
      en: `Data on its volumes is kept (${list}); anything else written inside container ${name} is deleted: ${remake}`,
      ko: `볼륨의 데이터는 유지되지만 (${list}) ${name} 컨테이너 안의 다른 변경 내용은 삭제됩니다: ${remake}`,
    };
  }
  const image = `docker stop ${name}; docker commit ${name} ${name.toLowerCase()}-kept:1`;
  // Of volumes without a name, and of memory, nothing gets into an image.
  const lost = mounts.map(({ path }) => path).join(", ");
  const [en, ko] = lost === "" ? ["", ""] : [` (without ${lost})`, ` (${lost} 폴더 제외)`];
  return {
    en: `This removes container ${name} and everything written inside it. To keep that as an image first${en}: ${image}. Then: ${remake}`,
    ko: `${name} 컨테이너와 그 안의 변경 내용이 삭제됩니다. 먼저 이미지로 보관하려면${ko}: ${image}. 그런 다음: ${remake}`,
  };
}

/** A step, where a log is likely to say why it is needed. @param logs command that shows the log */
export const afterLog = (logs: string, { en, ko }: Text): Text => ({
  en: `${logs} shows why. ${en}`,
  ko: `이유는 ${logs} 명령으로 확인합니다. ${ko}`,
});

/** {@link anew}, where the container's log is likely to say why that is needed. */
export const anewAfterLog = (container: Container, make: string): Text =>
  afterLog(`docker logs ${container.name}`, anew(container, make));

/** Where an image comes from, without its version. */
export function repositoryOf(image: string): string {
  const { registry, repository } = parseImage(image);
  return `${registry}/${repository}`;
}

/**
 * The step that gets another image under the name of one, which stays under another name.
 * @param container one that `get` makes anew from it
 */
export function instead(image: string, get: string, container?: Container): Text {
  const other = familiarName(`${repositoryOf(image)}-before:1`);
  const { en, ko } = anew(container, `docker tag ${image} ${other}; docker image rm ${image}; ${get}`);
  const end = container ? ". " : ": ";
  return {
    en: `The image that has this name now is kept as ${other}${end}${en}`,
    ko: `지금 이 이름으로 된 이미지는 ${other} 이름으로 보관됩니다${end}${ko}`,
  };
}
