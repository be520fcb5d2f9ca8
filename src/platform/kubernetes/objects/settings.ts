/** What an installation sets for all spaces of a cluster. */
export interface ClusterSettings {
  /** Tells the objects of this platform from those of others in the cluster. */
  readonly platform: string;
  /** The image with the programs that dynos of slugs need. */
  readonly stackImage: string;
  /** Where the router and the control plane run. */
  readonly systemNamespace: string;
  /** The service account of the control plane, which is given its rights in each space; unless it has them anyhow. */
  readonly controlPlane?: string;
  /** The port of the control plane where dynos download slugs. */
  readonly slugPort: number;
  /** The addresses of a control plane outside of the cluster, such as `192.0.2.7/32`. */
  readonly slugAddresses?: string;
  /** Seconds until a release has failed if its dynos aren't ready. */
  readonly rolloutDeadline: number;
}

/** What the API server offers, by its version. */
export interface ClusterFeatures {
  /** policy/v1 is there from 1.21 on, and policy/v1beta1 until 1.24. */
  readonly disruptionBudgets: 'policy/v1' | 'policy/v1beta1';
}
