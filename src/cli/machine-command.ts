import { Unsupported } from '../contract/errors.js';
import { AkaCommand } from './command.js';
import { dataDirOf, targetOf } from './connect.js';
import { LocalPlatform, localPlatform, thisMachine } from './local-platform.js';

/** A command that is about the platform on this machine itself: it is done here or not at all. */
export abstract class MachineCommand<Result> extends AkaCommand<Result> {
  /**
   * The platform on this machine. Throws if it isn't the one in use; `what` says what can't be done to another, as in
   * "be backed up from here".
   */
  protected localPlatform(what: string): Promise<LocalPlatform> {
    return localPlatform(this.flags, this.env, what, (message) => this.caution(message));
  }

  /** This machine, whatever platform is in use. Throws if a flag names another one; `what` as above. */
  protected thisMachine(what: string): LocalPlatform {
    return thisMachine(this.flags, this.env, what);
  }

  /** This machine, if the platform in use is the one on it. */
  protected async machineInUse(): Promise<LocalPlatform | undefined> {
    const target = await targetOf(this.flags, this.env);
    return target.kind === 'embedded' ? new LocalPlatform(this.env) : undefined;
  }

  /** The data folder of the platform in use, which may be that of another user's daemon on this machine. */
  protected async dataDirInUse(what: string): Promise<string> {
    const dataDir = dataDirOf(await targetOf(this.flags, this.env), this.env);
    if (dataDir !== undefined) return dataDir;
    throw new Unsupported(`${what}: that is done on the machine it runs on`, 'Run it there.');
  }
}
