import * as docker from "@pulumi/docker";

/**
 * The provider of the Docker Engine that a run uses. Its address is not noted in the state: the SDK would note DOCKER_HOST
 * as it is in this terminal, and every later run, `destroy` too, would go there, also after the socket has moved.
 * The plugin finds it where the SDK did: in DOCKER_HOST, or where the docker command looks.
 */
export const dockerProvider = (name: string) =>
  new docker.Provider(
    name,
    {},
    { transformations: [({ props, opts }) => ({ props: { ...props, host: undefined }, opts })] },
  );
