/** What went wrong with a request to a cluster. The first half is answered by the API server, with its own text. */
export type KubernetesErrorId =
  | 'unauthorized'
  | 'forbidden'
  | 'not_found'
  | 'exists'
  | 'conflict'
  | 'gone'
  | 'invalid'
  | 'busy'
  | 'failed'
  | 'unreachable'
  | 'timeout'
  | 'too_large'
  | 'kubeconfig';

/** The one error of the client. Its message names what failed and never holds a credential. */
export class KubernetesError extends Error {
  override readonly name = 'KubernetesError';

  constructor(
    readonly id: KubernetesErrorId,
    message: string,
    readonly details: KubernetesErrorDetails = {},
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

export interface KubernetesErrorDetails {
  /** The HTTP status, if there was a response. */
  readonly status?: number;
  /** For programs, such as `AlreadyExists`. */
  readonly reason?: string;
  /** The fields at fault. */
  readonly causes?: readonly {
    readonly field?: string;
    readonly message?: string;
    readonly reason?: string;
  }[];
  /** When the server asks to be tried again. */
  readonly retryAfterMs?: number;
}

/** A Status object of Kubernetes, as far as errors need it. */
export interface Status {
  readonly code?: number;
  readonly status?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly details?: {
    readonly causes?: KubernetesErrorDetails['causes'];
    readonly retryAfterSeconds?: number;
  };
}

const BY_STATUS: Readonly<Record<number, KubernetesErrorId>> = {
  400: 'invalid',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not_found',
  409: 'conflict',
  410: 'gone',
  422: 'invalid',
  429: 'busy',
  503: 'busy',
  504: 'timeout',
};

/** The error that a Status stands for. `what` is the request, such as `GET /api/v1/pods`. */
export function errorOfStatus(
  status: Status,
  what: string,
  httpStatus = status.code ?? 500,
): KubernetesError {
  const { reason, message, details } = status;
  const id = reason === 'AlreadyExists' ? 'exists' : (BY_STATUS[httpStatus] ?? 'failed');
  return new KubernetesError(id, `${what}: ${message ?? `HTTP ${httpStatus}`}`, {
    status: httpStatus,
    ...(reason !== undefined && { reason }),
    ...(details?.causes !== undefined && { causes: details.causes }),
    ...(details?.retryAfterSeconds !== undefined && { retryAfterMs: details.retryAfterSeconds * 1000 }),
  });
}
