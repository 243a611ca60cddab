/** Where an engine may answer. */
export interface Endpoint {
  /** As people write it: `unix:///var/run/docker.sock`. */
  readonly uri: string;
  readonly socketPath: string;
  /** Who named it: `DOCKER_HOST`, `Docker context "desktop"`, `usual socket`. */
  readonly from: string;
  /** The user named it for this very command, so nothing else will do when it is dead. */
  readonly explicit: boolean;
}
