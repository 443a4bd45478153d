import { familiarName } from "../../docker/image-names";
import { parseImage } from "../../../config/image-name";
import { Text } from "../../../text";
import { Container, Mount } from "../facts/docker";

/** Whether a mount is a volume that Docker made for one container only, and calls by a number. */
export const isAnonymous = ({ type, name }: Mount) => type === "volume" && /^[0-9a-f]{64}$/.test(name);

/** Whether what is in it outlives the container. */
const stays = (mount: Mount) => mount.type === "bind" || (mount.type === "volume" && !isAnonymous(mount));

/**
 * The step that has a container made anew, with what goes with the one that is there, and how to keep it.
 * @param make command that removes it and makes it
 */
export function anew(container: Container | undefined, make: string): Text {
  // One that never started has nothing in it.
  if (!container || container.status === "created") return { en: make, ko: make };
  const { name, mounts } = container;
  const kept = mounts.filter(stays).map((mount) => mount.name);
  if (kept.length > 0) {
    const list = kept.join(", ");
    return {
      en: `Data on its volumes is kept (${list}); anything else written inside container ${name} is deleted: ${make}`,
      ko: `볼륨의 데이터는 유지되지만 (${list}) ${name} 컨테이너 안의 다른 변경 내용은 삭제됩니다: ${make}`,
    };
  }
  const image = `docker stop ${name}; docker commit ${name} ${name.toLowerCase()}-kept:1`;
  return {
    en: `This removes container ${name} and everything written inside it. To keep that as an image first: ${image}. Then: ${make}`,
    ko: `${name} 컨테이너와 그 안의 변경 내용이 삭제됩니다. 먼저 이미지로 보관하려면: ${image}. 그런 다음: ${make}`,
  };
}

/** What an image is called that makes room for another one of its name. */
const asideName = (image: string) => {
  const { registry, repository } = parseImage(image);
  return familiarName(`${registry}/${repository}-kept:1`);
};

/** The step that gets another image under the name of one, which stays under another name. */
export function instead(image: string, get: string): Text {
  const other = asideName(image);
  const commands = `docker tag ${image} ${other}; docker image rm ${image}; ${get}`;
  return {
    en: `The image that has this name now is kept as ${other}: ${commands}`,
    ko: `지금 이 이름으로 된 이미지는 ${other} 이름으로 보관됩니다: ${commands}`,
  };
}
