import type * as z from 'zod/mini';
import type * as wire from './wire.js';

/**
 * The Apps API: everything that commands can ask of a platform. Implemented by the embedded platform in process and
 * by the HTTP client, which any other platform is reached through.
 *
 * Every operation rejects with an {@link AppsApiError}: 400/422 for input that can't be accepted, 401/403, 404, 409
 * for what is refused, 501 ({@link Unsupported}) for what this platform can't do, 5xx or 0 if it failed or did not
 * answer. A change happens whole or not at all.
 */
export interface AppsApi {
  readonly platform: {
    info(): Promise<wire.PlatformInfo>;
    settings(): Promise<wire.PlatformSettings>;
    /** For administrators. What the daemon listens on changes when it is started the next time. */
    configure(input: z.infer<typeof wire.PlatformConfigure>): Promise<wire.PlatformSettings>;
    /** For administrators. What a mail server refuses is an answer; takes up to two minutes. */
    testMail(input?: z.infer<typeof wire.Nothing>, options?: CallOptions): Promise<wire.MailTest>;
  };
  readonly tokens: {
    /** For administrators, as all of these. By name. */
    list(): Promise<wire.Token[]>;
    create(input: z.infer<typeof wire.TokenCreate>, options?: CallOptions): Promise<wire.TokenCreated>;
    /** At once, also for what is open. Answers what it was. */
    revoke(key: z.infer<typeof wire.TokenKey>): Promise<wire.Token>;
  };
  readonly console: {
    /** For administrators: it logs in whoever has it as them. Each call makes another one. */
    createCode(input?: z.infer<typeof wire.Nothing>, options?: CallOptions): Promise<wire.LoginCode>;
  };
  readonly account: { get(): Promise<wire.Account> };
  readonly spaces: {
    /** By name. */
    list(filter?: z.infer<typeof wire.SpaceFilter>): Promise<Page<wire.Space>>;
    create(input: z.infer<typeof wire.SpaceCreate>, options?: CallOptions): Promise<wire.Space>;
    /** `space` is a name or an id, here and below. */
    get(key: z.infer<typeof wire.SpaceKey>): Promise<wire.Space>;
    update(input: z.infer<typeof wire.SpaceUpdate>): Promise<wire.Space>;
    /** Refused while it has apps. Answers what it was. */
    destroy(key: z.infer<typeof wire.SpaceKey>): Promise<wire.Space>;
    discovery(key: z.infer<typeof wire.SpaceKey>): Promise<wire.Discovery>;
    topology(key: z.infer<typeof wire.SpaceKey>): Promise<wire.Topology>;
    /** Tries what the space promises; takes seconds. Rejects with 503 where nothing runs apps, or too many ask. */
    check(key: z.infer<typeof wire.SpaceKey>): Promise<wire.SpaceCheck>;
  };
  readonly apps: {
    /** By name, then space. */
    list(filter?: z.infer<typeof wire.AppFilter>): Promise<Page<wire.App>>;
    create(input: z.infer<typeof wire.AppCreate>, options?: CallOptions): Promise<wire.App>;
    /** `app` is `app-space` or an id, here and below. */
    get(key: z.infer<typeof wire.AppKey>): Promise<wire.App>;
    update(input: z.infer<typeof wire.AppUpdate>): Promise<wire.App>;
    destroy(key: z.infer<typeof wire.AppKey>): Promise<z.infer<typeof wire.AppDestroyed>>;
  };
  readonly configVars: {
    get(key: z.infer<typeof wire.AppKey>): Promise<wire.ConfigVars>;
    /** All of it or nothing; answers every var of the app. */
    patch(input: z.infer<typeof wire.ConfigVarsPatch>): Promise<wire.ConfigVars>;
  };
  readonly formations: {
    /** By type. */
    list(key: z.infer<typeof wire.AppKey>): Promise<wire.Formation[]>;
    create(input: z.infer<typeof wire.FormationCreate>, options?: CallOptions): Promise<wire.Formation>;
    get(key: z.infer<typeof wire.FormationKey>): Promise<wire.Formation>;
    update(input: z.infer<typeof wire.FormationUpdate>): Promise<wire.Formation>;
    /** All of the changes or none; in their order. */
    batch(input: z.infer<typeof wire.FormationBatch>): Promise<wire.Formation[]>;
    destroy(key: z.infer<typeof wire.FormationKey>): Promise<wire.Formation>;
  };
  readonly dynos: {
    list(filter: z.infer<typeof wire.DynoFilter>): Promise<wire.Dyno[]>;
    inSpace(filter: z.infer<typeof wire.SpaceDynoFilter>): Promise<wire.Dyno[]>;
    /** Answers those that will be replaced. */
    restartAll(filter: z.infer<typeof wire.DynoFilter>): Promise<wire.Dyno[]>;
    restart(key: z.infer<typeof wire.DynoKey>): Promise<wire.Dyno[]>;
  };
  readonly logs: {
    /** The lines of an app, in the order of their times; with `follow`, until `signal` ends it. */
    ofApp(filter: z.infer<typeof wire.LogFilter>, signal?: AbortSignal): Promise<LogLines>;
    /** Those of the apps that a space has when it is asked. */
    ofSpace(filter: z.infer<typeof wire.SpaceLogFilter>, signal?: AbortSignal): Promise<LogLines>;
    /** What a build prints; with `follow`, until it is over. */
    ofBuild(filter: z.infer<typeof wire.BuildLogFilter>, signal?: AbortSignal): Promise<LogLines>;
  };
  readonly events: {
    /**
     * The changes that the caller may see, oldest first, after a `hello` with the number that they begin after. It goes on
     * until `signal` ends it, unless `follow` is false. Rejects with 429 if the caller follows too many already.
     */
    read(filter?: z.infer<typeof wire.EventFilter>, signal?: AbortSignal): Promise<PlatformEvents>;
  };
  readonly hosts: {
    /** Services of the machine that dynos may reach: by port, then space. */
    list(filter?: z.infer<typeof wire.HostFilter>): Promise<wire.Host[]>;
    /** For administrators. The same port again takes the new name. */
    allow(input: z.infer<typeof wire.HostAllow>, options?: CallOptions): Promise<wire.Host>;
    /** For administrators. Answers what it was. */
    deny(key: z.infer<typeof wire.HostKey>): Promise<wire.Host>;
  };
  readonly sizes: { list(): Promise<wire.Size[]> };
  readonly sources: {
    /**
     * Stores what a build can be made of, under its checksum. Rejects with 413 if it is too large, and with 422 if it is
     * not what a given checksum says, or ends with an error of its own; `signal` ends it.
     */
    upload(
      content: AsyncIterable<Uint8Array>,
      given?: z.infer<typeof wire.SourceUpload>,
      signal?: AbortSignal,
    ): Promise<wire.Source>;
  };
  readonly builds: {
    /** Newest first. */
    list(key: z.infer<typeof wire.AppKey>): Promise<wire.Build[]>;
    /** Its source must have been uploaded, unless it is a URL. */
    create(input: z.infer<typeof wire.BuildCreate>, options?: CallOptions): Promise<wire.Build>;
    /** `build` is a number or an id. */
    get(key: z.infer<typeof wire.BuildKey>): Promise<wire.Build>;
    /** What it printed so far, with a line about its end once it is over. */
    result(key: z.infer<typeof wire.BuildKey>): Promise<wire.BuildResult>;
    stop(key: z.infer<typeof wire.BuildKey>): Promise<wire.Build>;
    /** Source, app, pipelines. */
    statuses(key: z.infer<typeof wire.BuildKey>): Promise<wire.BuildStatuses>;
    /**
     * For whoever was registered for the check, and not for those whose build it is (403). A failure or error ends the
     * build for good. The same again changes nothing.
     */
    report(input: z.infer<typeof wire.StatusReport>, options?: CallOptions): Promise<wire.BuildCheck>;
    /** For administrators. */
    overrule(input: z.infer<typeof wire.Overruling>, options?: CallOptions): Promise<wire.BuildCheck>;
  };
  /** Who may report of which check; for administrators. */
  readonly checks: {
    /** By context, then name. */
    list(filter?: z.infer<typeof wire.ReporterFilter>): Promise<wire.Reporter[]>;
    /** Answers the secret of a token or webhook, which can't be had again. */
    add(input: z.infer<typeof wire.ReporterAdd>, options?: CallOptions): Promise<wire.Reporter>;
    /** `reporter` is a name or an id. What it said of builds that still wait counts no more. */
    remove(key: z.infer<typeof wire.ReporterKey>): Promise<wire.Reporter>;
  };
  readonly releases: {
    /** Newest first. */
    list(key: z.infer<typeof wire.AppKey>): Promise<wire.Release[]>;
    create(input: z.infer<typeof wire.ReleaseCreate>, options?: CallOptions): Promise<wire.Release>;
    /** `release` is a version or an id. */
    get(key: z.infer<typeof wire.ReleaseKey>): Promise<wire.Release>;
  };
  readonly slugs: {
    /** `slug` is its id. Rejects with 404 also if no app that the caller may use has a build of it. */
    get(key: z.infer<typeof wire.SlugKey>): Promise<wire.Slug>;
  };
  readonly releaseStatuses: {
    list(key: z.infer<typeof wire.ReleaseKey>): Promise<wire.ReleaseStatuses>;
    /** The same context again takes the place of what was said before. */
    create(
      input: z.infer<typeof wire.ReleaseStatusCreate>,
      options?: CallOptions,
    ): Promise<wire.ReleaseStatus>;
    /** `status` is an id. */
    get(key: z.infer<typeof wire.ReleaseStatusKey>): Promise<wire.ReleaseStatus>;
    update(input: z.infer<typeof wire.ReleaseStatusUpdate>): Promise<wire.ReleaseStatus>;
  };
  readonly pipelines: {
    /** By name: those without apps, and those with an app that the caller may use. */
    list(): Promise<wire.Pipeline[]>;
    create(input: z.infer<typeof wire.PipelineCreate>, options?: CallOptions): Promise<wire.Pipeline>;
    /** `pipeline` is a name or an id, here and below. */
    get(key: z.infer<typeof wire.PipelineKey>): Promise<wire.Pipeline>;
    /** Its name is for administrators where it has an app in a socs or prod space. */
    update(input: z.infer<typeof wire.PipelineUpdate>): Promise<wire.Pipeline>;
    /** For administrators where it has an app in a socs or prod space. Answers what it was. */
    destroy(key: z.infer<typeof wire.PipelineKey>): Promise<wire.Pipeline>;
    stages(): Promise<z.infer<typeof wire.PipelineStages>>;
    /** By stage, and in a stage in the order in which they came: those that the caller may use. */
    couplings(key: z.infer<typeof wire.PipelineKey>): Promise<wire.PipelineCoupling[]>;
    /** By context: those of apps that the caller may use. */
    contexts(key: z.infer<typeof wire.PipelineKey>): Promise<wire.PipelineContext[]>;
    /** What a promotion would do now, also where it would be refused for contexts that are not well. */
    plan(key: z.infer<typeof wire.PromotionPlanKey>): Promise<wire.PromotionPlan>;
  };
  readonly pipelineCouplings: {
    list(): Promise<wire.PipelineCoupling[]>;
    ofApp(key: z.infer<typeof wire.AppKey>): Promise<wire.PipelineCoupling[]>;
    create(
      input: z.infer<typeof wire.PipelineCouplingCreate>,
      options?: CallOptions,
    ): Promise<wire.PipelineCoupling>;
    /** `coupling` is an id. */
    get(key: z.infer<typeof wire.PipelineCouplingKey>): Promise<wire.PipelineCoupling>;
    /** For administrators where the app is in a socs or prod space and less is required than before. */
    update(input: z.infer<typeof wire.PipelineCouplingUpdate>): Promise<wire.PipelineCoupling>;
    /** For administrators where the app is in a socs or prod space. Answers what it was. */
    destroy(key: z.infer<typeof wire.PipelineCouplingKey>): Promise<wire.PipelineCoupling>;
  };
  readonly pipelinePromotions: {
    /**
     * To all of the targets or to none. Rejects with 409 where a required context is not well, naming it, unless an
     * administrator says that it is to be left out of account.
     */
    create(input: z.infer<typeof wire.PromotionCreate>, options?: CallOptions): Promise<wire.Promotion>;
  };
  readonly addonServices: {
    list(): Promise<wire.AddonService[]>;
    /** `service` is a name or an id. */
    get(key: z.infer<typeof wire.AddonServiceKey>): Promise<wire.AddonService>;
    plans(key: z.infer<typeof wire.AddonServiceKey>): Promise<wire.AddonPlan[]>;
  };
  /** Of the service that is built in they are credentials, whose values nobody is ever shown. */
  readonly addons: {
    /** By name. */
    list(): Promise<wire.Addon[]>;
    /** For administrators, unless it belongs to an app. */
    create(input: z.infer<typeof wire.AddonCreate>, options?: CallOptions): Promise<wire.Addon>;
    /** `addon` is a name or an id, here and below. */
    get(key: z.infer<typeof wire.AddonKey>): Promise<wire.Addon>;
    /** Every app that gets it is released, or nothing changes. */
    update(input: z.infer<typeof wire.AddonUpdate>): Promise<wire.Addon>;
    /** Refused while an app gets it. Answers what it was. */
    destroy(key: z.infer<typeof wire.AddonKey>): Promise<wire.Addon>;
    inApp(key: z.infer<typeof wire.AppKey>): Promise<wire.Addon[]>;
    createInApp(input: z.infer<typeof wire.AppAddonCreate>, options?: CallOptions): Promise<wire.Addon>;
    getInApp(key: z.infer<typeof wire.AppAddonKey>): Promise<wire.Addon>;
    /** Refused while another app gets it. Answers what it was. */
    destroyInApp(key: z.infer<typeof wire.AppAddonKey>): Promise<wire.Addon>;
  };
  readonly addonAttachments: {
    /** In the order in which they were attached. */
    list(key: z.infer<typeof wire.AppKey>): Promise<wire.AddonAttachment[]>;
    /** Refused (409) if the app's space lacks a compliance that the addon requires. */
    create(input: z.infer<typeof wire.AddonAttach>, options?: CallOptions): Promise<wire.AddonAttachment>;
    get(key: z.infer<typeof wire.AddonAttachmentKey>): Promise<wire.AddonAttachment>;
    /** Answers what it was. */
    destroy(key: z.infer<typeof wire.AddonAttachmentKey>): Promise<wire.AddonAttachment>;
  };
  /** Who is called when something happens to an app. */
  readonly hooks: {
    events(): Promise<wire.HookEvent[]>;
    /** The oldest first. */
    list(key: z.infer<typeof wire.AppKey>): Promise<wire.Hook[]>;
    /** Rejects with 403 for a URL of this machine or of a private network, unless an administrator asks. */
    create(input: z.infer<typeof wire.HookCreate>, options?: CallOptions): Promise<wire.Hook>;
    /** `hook` is an id. */
    get(key: z.infer<typeof wire.HookKey>): Promise<wire.Hook>;
    /** For administrators where the app is in a socs or prod space. */
    update(input: z.infer<typeof wire.HookUpdate>): Promise<wire.Hook>;
    /** For administrators where the app is in a socs or prod space. Answers what it was, where the platform says so. */
    destroy(key: z.infer<typeof wire.HookKey>): Promise<wire.Hook | null>;
    /** The last hundred that are over and all that wait, oldest first. */
    results(key: z.infer<typeof wire.HookKey>): Promise<wire.HookResult[]>;
    result(key: z.infer<typeof wire.HookResultKey>): Promise<wire.HookResult>;
    /** Has it called with the event `ping`; answers the call, which is made afterwards. */
    test(key: z.infer<typeof wire.HookKey>, options?: CallOptions): Promise<wire.HookResult>;
  };
  readonly stacks: {
    list(): Promise<wire.Stack[]>;
    /** For administrators, as all changes of stacks and regions. */
    create(input: z.infer<typeof wire.StackCreate>, options?: CallOptions): Promise<wire.Stack>;
    get(key: z.infer<typeof wire.StackKey>): Promise<wire.Stack>;
    update(input: z.infer<typeof wire.StackUpdate>): Promise<wire.Stack>;
    /** Refused while a space is on it, or it is the default. Answers what it was. */
    destroy(key: z.infer<typeof wire.StackKey>): Promise<wire.Stack>;
  };
  readonly regions: {
    list(): Promise<wire.Region[]>;
    create(input: z.infer<typeof wire.RegionCreate>, options?: CallOptions): Promise<wire.Region>;
    get(key: z.infer<typeof wire.RegionKey>): Promise<wire.Region>;
    update(input: z.infer<typeof wire.RegionUpdate>): Promise<wire.Region>;
    /** Refused while a stack is in it. Answers what it was. */
    destroy(key: z.infer<typeof wire.RegionKey>): Promise<wire.Region>;
  };
  readonly organizations: {
    list(): Promise<wire.Organization[]>;
    /** For administrators. */
    create(input: z.infer<typeof wire.OrganizationCreate>, options?: CallOptions): Promise<wire.Organization>;
    get(key: z.infer<typeof wire.OrganizationKey>): Promise<wire.Organization>;
  };
  /** Of whoever asks. */
  readonly favorites: {
    /** In the order in which they came. */
    list(): Promise<wire.Favorite[]>;
    /** The same again changes nothing. */
    add(key: z.infer<typeof wire.AppKey>, options?: CallOptions): Promise<wire.Favorite>;
    /** Answers what it was, or null from a platform that doesn't say. */
    remove(key: z.infer<typeof wire.AppKey>): Promise<wire.Favorite | null>;
  };
  readonly features: {
    list(key: z.infer<typeof wire.AppKey>): Promise<wire.AppFeature[]>;
    get(key: z.infer<typeof wire.FeatureKey>): Promise<wire.AppFeature>;
    /** Refused (409) if that is not what it is. */
    update(input: z.infer<typeof wire.FeatureUpdate>): Promise<wire.AppFeature>;
  };
  readonly plugins: { list(): Promise<wire.Plugin[]> };
  readonly audits: {
    /** Newest first. */
    list(filter?: z.infer<typeof wire.AuditFilter>): Promise<wire.AuditEvent[]>;
    /** Follows the hash chain, and looks for a head in it. */
    verify(input?: z.infer<typeof wire.AuditVerify>): Promise<wire.AuditVerdict>;
    /**
     * The records that there are when it is asked, oldest first, in a form that is checked without the platform; of all
     * spaces for administrators.
     */
    export(filter?: z.infer<typeof wire.AuditExport>, signal?: AbortSignal): Promise<AuditLines>;
  };
  readonly digests: {
    /** What would be mailed now. Rejects with 409 for a space that isn't socs. */
    get(key: z.infer<typeof wire.DigestKey>): Promise<wire.Digest>;
    /**
     * For administrators. What isn't taken by the mail server within two minutes waits in the outbox. Without `since` it
     * is the next one, early; with it, one besides.
     */
    send(key: z.infer<typeof wire.DigestKey>, options?: CallOptions): Promise<wire.DigestDelivery>;
  };
  /** Gives back what the connection holds. Nothing may be called afterwards. */
  close(): Promise<void>;
}

/** Lines of logs as they come. Iterating rejects with an {@link AppsApiError} if the platform is lost meanwhile. */
export type LogLines = AsyncIterable<wire.LogLine>;

/** The lines of an export as they come. Iterating rejects as that of logs does. */
export type AuditLines = AsyncIterable<wire.AuditLine>;

/** Changes as they are made. Iterating rejects as that of logs does. */
export type PlatformEvents = AsyncIterable<wire.PlatformEvent>;

/** A list, or the part of it that `limit` asked for; `next` is the cursor of the part after it. */
export interface Page<Item> {
  readonly items: Item[];
  readonly next?: string;
}

export interface CallOptions {
  /** The same key and input again, within 24 h, gives the same answer and no second effect. */
  readonly idempotencyKey?: string;
}
