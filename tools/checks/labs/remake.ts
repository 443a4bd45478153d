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
      en: `What is on its volumes stays (${list}); what else was written inside container ${name} goes: ${make}`,
      ko: `볼륨에 있는 것은 남고 (${list}) 그 밖에 컨테이너 안에 쓴 것은 사라집니다: ${make}`,
    };
  }
  const image = `docker stop ${name}; docker commit ${name} ${name.toLowerCase()}-kept:1`;
  return {
    en: `This removes container ${name} with what was written inside it. To keep that as an image first: ${image}. Then: ${make}`,
    ko: `컨테이너 ${name}, 그리고 그 안에 쓴 것이 지워집니다. 먼저 이미지로 남기려면: ${image}. 그런 다음: ${make}`,
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
    en: `The image that has the name now stays as ${other}: ${commands}`,
    ko: `지금 그 이름을 가진 이미지는 ${other} 이름으로 남습니다: ${commands}`,
  };
}
