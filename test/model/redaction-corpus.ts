/** Names and values as they are met in configurations, labelled by hand with what must be hidden and what must stay. */

/** A made-up token: spelt out in parts, so that scanners of this repository don't take it for a real one. */
function filler(length: number, alphabet = 'aZ3kQ9xW7bT5mR2'): string {
  return alphabet.repeat(Math.ceil(length / alphabet.length)).slice(0, length);
}
const hex = (length: number): string => filler(length, '3f9a1c7e5b2d8046');
const lower = (length: number): string => filler(length, 'k7q2x9w4m1z8');
const digits = (length: number): string => filler(length, '4815162342');
const upper = (length: number): string => filler(length, 'Q7X2W9KZ4M');

function words(text: string): string[] {
  return text.trim().split(/\s+/);
}

export const SENSITIVE_NAMES: readonly string[] = words(`
  CONN_STR DB_CONN_STRING CONNECTION_STRING CONNSTR DSN ENCRYPTION SIGNING_SEED STRIPE_SK MY_CREDENTIALS
  SSH_ID_RSA ID_ED25519 SERVICE_ACCOUNT_JSON KEYRING KEYCHAIN
  PASSWORD PASSWD PASS PASSPHRASE PASSCODE PWD PW SECRET TOKEN KEY KEYS SALT AUTH HASH BEARER OAUTH JWT JWTS COOKIE
  COOKIES PIN PINS CREDENTIALS CREDENTIAL CREDS CERT CERTS CERTIFICATE SIGNING_CERT PRIVATE PRIVATE_PEM PRIVATE_KEY
  PASSKEY PASSWORDS SECRETS TOKENS HASHES HMAC PEPPER PSK OTP TOTP MNEMONIC PEM PFX P12 PKCS12 KEYSTORE KEYTAB
  DB_PWD SMTP_PW DB_PASS DB_PASSWORD DATABASE_PASSWORD POSTGRES_PASSWORD PGPASSWORD PGPASS MYSQL_PWD MYSQL_PASSWORD
  MYSQL_ROOT_PASSWORD MARIADB_ROOT_PASSWORD MONGO_INITDB_ROOT_PASSWORD MONGODB_PASS REDIS_PASSWORD REDISPASS
  RABBITMQ_DEFAULT_PASS ELASTIC_PASSWORD KAFKA_SASL_PASSWORD SASL_PASSWD LDAP_BIND_PW LDAP_BIND_PASSWORD
  KEYCLOAK_ADMIN_PASSWORD GRAFANA_ADMIN_PASSWORD GF_SECURITY_ADMIN_PASSWORD MINIO_ROOT_PASSWORD NEO4J_AUTH
  SMTP_PASSWORD SMTP_PASS SMTPPASS MAIL_PASSWORD MAILPASS EMAIL_HOST_PASSWORD IMAP_PW FTP_PASS FTPPASSWORD
  DBPASSWORD DBPASS DBPW DB_PSW APIKEY API_KEY APIKEYS API_KEYS APITOKEN API_TOKEN AUTHTOKEN AUTH_TOKEN SECRETKEY
  SECRET_KEY SECRETKEYBASE SECRET_KEY_BASE ACCESSTOKEN ACCESS_TOKEN REFRESHTOKEN REFRESH_TOKEN IDTOKEN ID_TOKEN
  SESSION_SECRET SESSIONSECRET CLIENT_SECRET CLIENTSECRET OAUTH_CLIENT_SECRET OAUTH2_PROXY_COOKIE_SECRET
  COOKIE_SECRET COOKIE_KEY COOKIEKEY CSRF_SECRET CSRF_TOKEN XSRF_TOKEN APP_KEY APP_SECRET APPSECRET MASTER_KEY
  MASTERKEY RAILS_MASTER_KEY ENCRYPTION_KEY ENCRYPTIONKEY ENCRYPT_KEY SIGNING_KEY SIGNINGKEY SIGNING_SECRET
  SHARED_SECRET WEBHOOK_SECRET WEBHOOK_SIGNING_SECRET JWT_SECRET JWT_PRIVATE_KEY JWTSECRET JWT_SIGNING_KEY
  AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_SECRET S3_SECRET S3_KEY S3KEY AZURE_CLIENT_SECRET
  AZURE_STORAGE_KEY AZURE_STORAGE_SAS AZURE_STORAGE_SAS_TOKEN ACCOUNT_KEY ACCOUNTKEY ARM_CLIENT_SECRET AZURE_DEVOPS_PAT
  GITHUB_PAT GH_TOKEN GITHUB_TOKEN GITLAB_TOKEN CI_JOB_TOKEN NPM_TOKEN NPM_AUTH NODE_AUTH_TOKEN PYPI_TOKEN
  TWINE_PASSWORD CARGO_REGISTRY_TOKEN DOCKER_PASSWORD DOCKER_AUTH_CONFIG DOCKERHUB_PASS VAULT_TOKEN CONSUL_HTTP_TOKEN
  NOMAD_TOKEN STRIPE_SECRET_KEY STRIPE_API_KEY STRIPE_WEBHOOK_SECRET TWILIO_AUTH_TOKEN SENDGRID_API_KEY
  MAILGUN_API_KEY MAILCHIMP_KEY SLACK_TOKEN SLACK_BOT_TOKEN SLACK_SIGNING_SECRET DISCORD_TOKEN TELEGRAM_BOT_TOKEN
  OPENAI_API_KEY ANTHROPIC_API_KEY HUGGINGFACE_TOKEN GOOGLE_API_KEY GOOGLE_CLIENT_SECRET GOOGLE_PRIVATE_KEY
  FIREBASE_PRIVATE_KEY ALGOLIA_ADMIN_KEY DATADOG_API_KEY DD_API_KEY DD_APP_KEY NEW_RELIC_LICENSE_KEY
  NEWRELIC_KEY SENTRY_AUTH_TOKEN HONEYBADGER_API_KEY ROLLBAR_ACCESS_TOKEN BUGSNAG_APIKEY AUTH0_CLIENT_SECRET
  OKTA_API_TOKEN SAML_PRIVATE_KEY SAML_CERT SSL_KEY SSL_CERT TLS_KEY TLS_CERT CLIENT_CERT SSH_KEY SSHKEY
  SSH_PRIVATE_KEY DEPLOY_KEY DEPLOYKEY GPG_KEY GPG_PASSPHRASE GPG_PRIV PGP_PASSPHRASE APPLE_CERT_P12
  APP_STORE_CONNECT_KEY HTPASSWD BASIC_AUTH BASICAUTH BASIC_AUTH_PASS HTTP_AUTH PROXY_AUTH PROXYPASS X_API_KEY
  USER_PIN CARD_PIN PINCODE PIN_CODE WALLET_MNEMONIC SEED_PHRASE RECOVERY_CODES BACKUP_CODES SECURITY_CODE ACCESS_CODE
  PASSWORD_HASH PASSWORDHASH PASSWORD_SALT HASH_SALT HASHIDS_SALT SALT_KEY ADMIN_PASS ADMINPASS ROOTPASSWORD
  WORDPRESS_DB_PASSWORD AUTH_KEY SECURE_AUTH_KEY LOGGED_IN_KEY NONCE_SALT LOGGED_IN_SALT APP_PASSWORD
  SPRING_DATASOURCE_PASSWORD spring.datasource.password ConnectionStrings__Password dbPassword db-password
  password_lower apiKey authToken accessToken clientSecret clientSecretKey jwtSecret privateKey secretAccessKey
  PASSWORD2 PASSWORD_1 API_KEY_2 OAUTH2_TOKEN KEY1 TOKEN_OLD PASSWORD_PREVIOUS SECRET_KEY_FALLBACKS Q_PASSWORD
  AUTH_URL AUTHORIZATION PROXY_AUTHORIZATION KUBECONFIG NETRC SNOWFLAKE_PRIVATE_KEY_PASSPHRASE
  pAsSwOrD DBPasswd mysqlpwd rootpw RPC_PASS RPCPASSWORD LICENSE_KEY ACTIVATION_KEY ENCKEY HOSTKEY
  PASSWORT KENNWORT SENHA CONTRASENA MOTDEPASSE DB_PSWD SIGNING_PPK ANDROID_JKS SIGNING_JWK SIM_PIN SIMPIN PWORD SALTS
  WALLET_SEED RECOVERY_PHRASE VERIFICATION_CODE KEYPAIR KEYFILE KEYSET KEYID KEYDATA AUTHCODE PRIVKEY PKCS8 MY_PRIV
`);

export const HARMLESS_NAMES: readonly string[] = words(`
  SENTRY_DSN TASK DB_SEED ENCRYPTION_ENABLED ENCRYPTION_ALGORITHM CONN_LIMIT CONNECTION_STRATEGY LOCALE_DESK RISK SK
  AUTHOR AUTHORS GIT_AUTHOR_NAME GIT_AUTHOR_EMAIL AUTHORITY AUTHORITIES OIDC_AUTHORITY KEYBOARD KEYBOARD_LAYOUT
  KEYWORD KEYWORDS META_KEYWORDS KEYNOTE KEYNOTE_DATE KEYCLOAK_URL KEYCLOAK_REALM KEYSTONE_HOST KEYSPACE
  CASSANDRA_KEYSPACE MONKEY MONKEY_COUNT DONKEY_KONG TURKEY HOCKEY_LEAGUE JOCKEY WHISKEY SURVEYMONKEY_URL HOTKEYS
  TURNKEY_MODE BYPASS BYPASS_CACHE COMPASS COMPASS_URL ENCOMPASS TRESPASS_LIMIT LOWPASS PASSENGER PASSENGER_COUNT
  PASSENGER_APP_ENV PASSPORT_CALLBACK PASSAGE PASSIVE_MODE PASSIVE_CHECKS PASSTHROUGH PASSTHRU PASSED
  BASALT BASALT_HOME SALTSTACK_URL ASPHALT COBALT HASHTAG HASHTAGS HASHMAP HASHMAP_SIZE HASHRATE HASHICORP_URL
  PINNED PINNED_VERSION PINTEREST_URL PINGDOM_URL SPIN_RATE SHIPPING OPINION TOKENIZER TOKENIZER_PATH
  TOKENIZERS_PARALLELISM TOKENIZATION TOKENIZE SECRETARY SECRETARIAT SECRETARY_NAME CERTAIN CERTBOT_EMAIL CONCERT
  CONCERTS_URL CREDIT CREDIT_LIMIT SACRED_TEXT COOKIECUTTER_TEMPLATE COOKIEBOT_ID OAUTHLIB_INSECURE_TRANSPORT
  JOB_SALTATION PATH PATTERN PATCH_LEVEL SASS_PATH SASKATCHEWAN SPAWN PWNED OPTIONS OPTIMIZE PASTE_LIMIT
  PASSWORD_MIN_LENGTH PASSWORD_MAX_AGE TOKEN_TTL TOKEN_EXPIRES_IN TOKEN_LIFETIME ACCESS_TOKEN_TTL JWT_EXPIRES_IN
  JWT_ALGORITHM JWT_EXPIRATION SALT_ROUNDS BCRYPT_SALT_ROUNDS HASH_ROUNDS HASH_ALGORITHM AUTH_ENABLED AUTH_TIMEOUT
  AUTH_MODE AUTH_METHOD COOKIE_SECURE COOKIE_HTTPONLY COOKIE_SAMESITE COOKIE_MAX_AGE KEY_SIZE MAX_TOKENS
  OPENAI_MAX_TOKENS MAX_OUTPUT_TOKENS SESSION_TIMEOUT PIN_LENGTH MONGO_AUTH_SOURCE
  PORT HOST HOSTNAME NODE_ENV RAILS_ENV RACK_ENV APP_ENV APP_NAME APP_URL APP_DEBUG LOG_LEVEL LOG_FORMAT DEBUG
  DATABASE_URL DATABASE_HOST DATABASE_NAME DATABASE_USER DB_HOST DB_PORT DB_NAME DB_USER DB_POOL REDIS_URL REDIS_HOST
  MONGO_URL AMQP_URL CLOUDAMQP_URL ELASTICSEARCH_URL KAFKA_BROKERS KAFKA_TOPIC KAFKA_GROUP_ID MEMCACHE_SERVERS
  SMTP_HOST SMTP_PORT SMTP_USER SMTP_FROM MAIL_FROM MAILER_DSN SENTRY_ENVIRONMENT NEW_RELIC_APP_NAME
  AWS_REGION AWS_DEFAULT_REGION AWS_BUCKET S3_BUCKET S3_ENDPOINT GOOGLE_PROJECT_ID GCP_PROJECT AZURE_TENANT_ID
  AZURE_CLIENT_ID GITHUB_CLIENT_ID GITHUB_REPOSITORY CI CI_COMMIT_SHA BUILD_NUMBER VERSION
  GIT_BRANCH GIT_SHA SOURCE_VERSION RELEASE WEB_CONCURRENCY WORKERS MAX_THREADS TIMEOUT RETRIES TZ LANG LC_ALL HOME
  SHELL USER USERNAME NODE_OPTIONS JAVA_OPTS JAVA_TOOL_OPTIONS PYTHONPATH PYTHONUNBUFFERED GOPATH GOGC
  DJANGO_SETTINGS_MODULE ALLOWED_HOSTS CORS_ORIGIN FEATURE_FLAGS FEATURE_SEARCH THEME COLOR CURRENCY LOCALE
  SLACK_CHANNEL SLACK_WEBHOOK_URL TWILIO_ACCOUNT_SID STRIPE_PRICE_ID ALGOLIA_APP_ID GA_TRACKING_ID CDN_URL ASSET_HOST
  STATIC_URL PUBLIC_URL BASE_URL API_URL API_HOST API_VERSION PROXY_URL HTTP_PROXY HTTPS_PROXY NO_PROXY
  ADMIN_EMAIL SUPPORT_EMAIL BATCH_SIZE CACHE_TTL CRON_SCHEDULE EMAIL_SIGNATURE RANDOM_SEED SESSION_STORE SID
  SPACE STACK ORG REGION REPLICAS MEMORY_LIMIT CPU_LIMIT DYNO_TYPE BUILDPACK_URL PROCFILE
  POSTGRES_USER POSTGRES_DB PGHOST PGUSER PGDATABASE MYSQL_DATABASE MYSQL_USER RABBITMQ_VHOST
  CERTIFIED ACCREDITED MERCHANT_ID DESPATCH DISPATCHER OPERATOR KEYED_BY AUTHENTIK_HOST AUTHELIA_URL AUTHORED_BY
  SECRETION UNSALTED SALTY REHASH TOKENOMICS PASSWORDLESS PASSWORDLESS_LOGIN PINPOINT_REGION CERTIFY
  PUBLIC_HOST_FINGERPRINT COOKIE_DOMAIN GIT_HASH AUTH_HOST DISABLE_AUTH surveyMonkey isCompass appDbMonkey appMyMonkeyMonkey
`);

export interface LabelledValue {
  value: string;
  /** Pieces that must be gone. */
  hidden: readonly string[];
  /** Pieces that must still be there. */
  shown: readonly string[];
}

function secret(
  value: string,
  hidden: string | readonly string[],
  shown: string | readonly string[] = [],
): LabelledValue {
  return { value, hidden: [hidden].flat(), shown: [shown].flat() };
}

/** What the API of today answers for 42 vars: rightly, too little or too much. `shown` is what this rule makes of it. */
export const VECTORS: readonly { name: string; value: string; shown: string }[] = [
  { name: 'PASSWORD', value: 'p', shown: '[redacted]' },
  { name: 'API_TOKEN', value: 't', shown: '[redacted]' },
  { name: 'SECRET_KEY', value: 's', shown: '[redacted]' },
  { name: 'PRIVATE_PEM', value: 'x', shown: '[redacted]' },
  { name: 'SALT', value: 'x', shown: '[redacted]' },
  { name: 'AUTH_URL', value: 'x', shown: '[redacted]' },
  { name: 'HASH', value: 'x', shown: '[redacted]' },
  { name: 'password_lower', value: 'x', shown: '[redacted]' },
  { name: 'COMPASS', value: 'north', shown: 'north' },
  { name: 'AUTHOR', value: 'bob', shown: 'bob' },
  { name: 'MONKEY', value: 'x', shown: 'x' },
  { name: 'KEYBOARD', value: 'q', shown: 'q' },
  { name: 'BYPASS', value: '1', shown: '1' },
  { name: 'BASALT', value: 'rock', shown: 'rock' },
  { name: 'HASHTAG', value: 'x', shown: 'x' },
  { name: 'FOO', value: 'bar', shown: 'bar' },
  { name: 'EMPTY', value: '', shown: '' },
  { name: 'PORT', value: '5000', shown: '5000' },
  {
    name: 'DATABASE_URL',
    value: 'postgres://user:pass@host:5432/db',
    shown: 'postgres://user:[redacted]@host:5432/db',
  },
  { name: 'REDIS_URL', value: 'redis://:pw@host:6379', shown: 'redis://:[redacted]@host:6379' },
  { name: 'HTTP_URL', value: 'https://host/path', shown: 'https://host/path' },
  { name: 'USERONLY_URL', value: 'https://user@host/', shown: 'https://user@host/' },
  {
    name: 'TRICKY_URL',
    value: 'postgres://user:p@ss:w/rd@host:5432/db',
    shown: 'postgres://user:[redacted]@host:5432/db',
  },
  {
    name: 'TWO_URLS',
    value: 'amqp://u:p1@h1,amqp://u:p2@h2',
    shown: 'amqp://u:[redacted]@h1,amqp://u:[redacted]@h2',
  },
  { name: 'PCT_USER_URL', value: 'postgres://us%40er:pw@h/db', shown: 'postgres://us%40er:[redacted]@h/db' },
  { name: 'PLUS_USER_URL', value: 'postgres://u+x:pw@h/db', shown: 'postgres://u+x:[redacted]@h/db' },
  { name: 'JDBC_URL', value: 'jdbc:postgresql://u:p@h:5/db', shown: 'jdbc:postgresql://u:[redacted]@h:5/db' },
  { name: 'PORT_AT_URL', value: 'https://h:8443/path:with@at', shown: 'https://h:8443/path:with@at' },
  { name: 'MYSQL_DSN', value: 'user:pass@tcp(host:3306)/db', shown: 'user:[redacted]@tcp(host:3306)/db' },
  { name: 'ADO', value: 'Server=h;User Id=u;Password=p;', shown: 'Server=h;User Id=u;Password=[redacted];' },
  { name: 'Q_PASSWORD', value: 'x', shown: '[redacted]' },
  { name: 'Q1', value: 'https://h/?password=abc&x=1', shown: 'https://h/?password=[redacted]&x=1' },
  { name: 'Q2', value: 'https://h/?x=1&token=abc', shown: 'https://h/?x=1&token=[redacted]' },
  {
    name: 'Q3',
    value: 'https://h/?x=1&access_token=abc&client_secret=q',
    shown: 'https://h/?x=1&access_token=[redacted]&client_secret=[redacted]',
  },
  { name: 'Q4', value: 'https://h/?api_key=abc', shown: 'https://h/?api_key=[redacted]' },
  { name: 'Q5', value: 'https://h/?PASSWORD=abc', shown: 'https://h/?PASSWORD=[redacted]' },
  {
    name: 'Q6',
    value: 'https://h/?pwd=abc&refreshToken=z&circle-token=y',
    shown: 'https://h/?pwd=[redacted]&refreshToken=[redacted]&circle-token=[redacted]',
  },
  {
    name: 'SLACK',
    value: 'https://hooks.slack.com/services/T0/B0/xyz',
    shown: 'https://hooks.slack.com/services/[redacted]',
  },
  {
    name: 'O365',
    value: 'https://outlook.office365.com/webhook/abc',
    shown: 'https://outlook.office365.com/webhook/[redacted]',
  },
  { name: 'JSON_BLOB', value: '{"password":"hunter2"}', shown: '{"password":"[redacted]"}' },
  {
    name: 'BLOCK',
    value: '-----BEGIN RSA PRIVATE KEY-----\nabc',
    shown: '-----BEGIN RSA PRIVATE KEY-----\n[redacted]',
  },
  { name: 'UNI', value: 'é✓', shown: 'é✓' },
];

const jwt = `eyJhbGciOiJIUzI1NiJ9.eyJ${filler(24)}.${filler(43)}`;
const privateKey = (label: string): string =>
  `-----BEGIN ${label}-----\n${filler(64)}\n${filler(40)}\n-----END ${label}-----`;
const publicCertificate = `-----BEGIN CERTIFICATE-----\n${lower(64)}\n-----END CERTIFICATE-----`;

export const SENSITIVE_VALUES: readonly LabelledValue[] = [
  // logins in URLs
  secret('postgres://app:hunter2@db.internal:5432/main', 'hunter2', [
    'postgres://app:',
    '@db.internal:5432/main',
  ]),
  secret('postgresql://app:p%40ss%2Fw@db/main?sslmode=require', 'p%40ss%2Fw', ['@db/main?sslmode=require']),
  secret('mysql2://root:t0p:s3cr3t@127.0.0.1/app', 't0p:s3cr3t', '@127.0.0.1/app'),
  secret('mongodb+srv://app:pässwörd@cluster0.example.net/db?authSource=admin', 'pässwörd', [
    '@cluster0.example.net',
    'authSource=admin',
  ]),
  secret(
    'mongodb://u:pw1234@a:27017,b:27017/db?replicaSet=rs0',
    'pw1234',
    '@a:27017,b:27017/db?replicaSet=rs0',
  ),
  secret('rediss://default:a/b+c=d@cache.example.com:6380/0', 'a/b+c=d', '@cache.example.com:6380/0'),
  secret('redis://:p#ss?word@cache:6379', ['p#ss', 'word'], ['redis://:', '@cache:6379']),
  secret('amqps://guest:gu st@mq.example.com/vhost', 'gu st', '@mq.example.com/vhost'),
  secret('smtp://me%40example.com:app pass word@smtp.example.com:587', 'app pass word', [
    'me%40example.com',
    'smtp.example.com:587',
  ]),
  secret(
    'smtp://u:pa55word@mail.example.com:587?from=noreply@example.com',
    'pa55word',
    '@mail.example.com:587?from=noreply@example.com',
  ),
  secret('https://me@corp.com:pass/word@proxy:3128', 'pass/word', '@proxy:3128'),
  secret('http://proxy-user:pr0xy@10.0.0.1:3128', 'pr0xy', '@10.0.0.1:3128'),
  secret('http://u:v6pass@[::1]:8080/x', 'v6pass', '@[::1]:8080/x'),
  secret('ldap://cn=admin:s3cret@ldap.example.com', 's3cret', '@ldap.example.com'),
  secret('jdbc:postgresql://app:hunter2@db:5432/main', 'hunter2', 'jdbc:postgresql://app:'),
  secret('jdbc:mysql://db:3306/app?user=root&password=hunter2', 'hunter2', [
    'jdbc:mysql://db:3306/app',
    'user=root',
  ]),
  secret('jdbc:sqlserver://db:1433;databaseName=app;user=sa;password=hunter2;encrypt=true', 'hunter2', [
    'user=sa',
    'encrypt=true',
  ]),
  secret('jdbc:oracle:thin:scott/t1ger@//db:1521/orcl', 't1ger', ['scott/', '@//db:1521/orcl']),
  secret(
    'redis://:one1@a:1,redis://:two2@b:2 redis://:three3@c:3',
    ['one1', 'two2', 'three3'],
    ['@a:1', '@b:2', '@c:3'],
  ),
  secret('amqp://u:p://x@host/v', 'p://x', '@host/v'),
  secret('amqp://u:p@xx://yyyy@host/v', 'yyyy', '@host/v'),
  secret(`https://${'ghp_'}xxx@github.com/o/r.git`, 'ghp_xxx', '@github.com/o/r.git'),
  secret(`https://${hex(32)}@o1.ingest.sentry.io/42`, hex(32), '@o1.ingest.sentry.io/42'),
  secret(`https://x-access-token:${'ghs_'}${filler(36)}@github.com/o/r`, filler(36), [
    'x-access-token',
    '@github.com/o/r',
  ]),
  secret(`https://${hex(40)}:x-oauth-basic@github.com/o/r`, hex(40), '@github.com/o/r'),
  secret('user:pass@tcp(db:3306)/app?parseTime=true', 'user:pass', [
    '@tcp(db:3306)/app?parseTime=true',
    'user:',
  ]),
  secret('user:p@s:s/w@tcp(db:3306)/app', 'p@s:s/w', '@tcp(db:3306)/app'),
  secret('user:hunter2@unix(/run/mysqld.sock)/app', 'hunter2', '@unix(/run/mysqld.sock)/app'),
  secret('proxyuser:hunter2@proxy.example.com:3128', 'hunter2', '@proxy.example.com:3128'),
  secret('{"url":"postgres://u:hunter2@h/db","n":1}', 'hunter2', ['"n":1', '@h/db']),
  secret(
    'primary=postgres://u:hunter2@h/db replica=postgres://u:hunter3@r/db',
    ['hunter2', 'hunter3'],
    ['@h/db', '@r/db'],
  ),
  secret('https://h/?next=https%3A%2F%2Fbob%3Ahunter2%40example.com%2F', 'hunter2', 'example.com'),
  secret('amqp://user://abcd@host/v', '//abcd', '@host/v'),
  secret('amqp://u:p@{a}/bb://cccc@host/v', '{a}/bb', '@host/v'),
  secret('amqp://u:p@xx/ab://@host/v', 'xx/ab', '@host/v'),
  secret('kafka://a:9092,b:9092 amqp://u:hunter2@h', 'hunter2', ['kafka://a:9092,b:9092', '@h']),
  // attributes and assignments
  secret(
    'Server=tcp:db,1433;Database=app;User ID=sa;Password=P@ss;w0rd;Encrypt=True;',
    ['P@ss', 'w0rd'],
    ['Server=tcp:db,1433', 'Encrypt=True'],
  ),
  secret('Server=db;Uid=sa;Pwd="a;b""c";Database=app', ['a;b', '""c'], ['Uid=sa', 'Database=app']),
  secret("Data Source=db;User=sa;password='it''s;me';Pooling=true", ['it', 'me'], 'Pooling=true'),
  secret(
    'Driver={ODBC Driver 18};Server=db;UID=sa;PWD={a;b}}c};Encrypt=yes',
    ['a;b', '}}c'],
    ['UID=sa', 'Encrypt=yes'],
  ),
  secret(
    `DefaultEndpointsProtocol=https;AccountName=acme;AccountKey=${filler(86)}==;EndpointSuffix=core.windows.net`,
    filler(86),
    ['AccountName=acme', 'EndpointSuffix=core.windows.net'],
  ),
  secret(
    `Endpoint=sb://acme.servicebus.windows.net/;SharedAccessKeyName=Root;SharedAccessKey=${filler(43)}=`,
    filler(43),
    ['SharedAccessKeyName=Root', 'sb://acme'],
  ),
  secret(
    `BlobEndpoint=https://acme.blob.core.windows.net/;SharedAccessSignature=sv=2024&sig=${filler(20)}`,
    filler(20),
    'BlobEndpoint=https://acme',
  ),
  secret('host=db port=5432 user=app password=hunter2 dbname=main', 'hunter2', [
    'host=db port=5432 user=app',
    'dbname=main',
  ]),
  secret("host=db password='hunter two' dbname=main", 'hunter two', 'dbname=main'),
  secret("host=db password='it\\'s me' sslmode=require", "it\\'s me", 'sslmode=require'),
  secret('password=hunter2 host=db', 'hunter2', 'host=db'),
  secret('password = hunter2', 'hunter2', 'password = '),
  secret('FOO=1\nDB_PASSWORD=hunter two three\nBAR=2', 'hunter two three', ['FOO=1', 'BAR=2']),
  secret('export API_TOKEN="abc def"\nexport X=1', 'abc def', 'export X=1'),
  secret('NAME=x\r\nSECRET=line\r\nZ=3', 'line', 'Z=3'),
  secret('//registry.npmjs.org/:_authToken=abcdef123', 'abcdef123', '//registry.npmjs.org/'),
  secret('[default]\naws_secret_access_key = wJalrXUtnFEMI\nregion = eu', 'wJalrXUtnFEMI', 'region = eu'),
  secret('-Xmx512m -Djavax.net.ssl.keyStorePassword=changeit -jar app.jar', 'changeit', [
    '-Xmx512m',
    '-jar app.jar',
  ]),
  secret('--user bob --password hunter2 --port 80', 'hunter2', ['--user bob', '--port 80']),
  secret('--api-key="abc def" --verbose', 'abc def', '--verbose'),
  secret('curl -u bob:hunter2 https://h/', 'hunter2', ['curl -u bob:', 'https://h/']),
  secret('machine h login bob password hunter2', 'hunter2', 'machine h login bob'),
  secret("ALTER USER bob IDENTIFIED BY 'hunter2'", 'hunter2', 'ALTER USER bob'),
  secret('requirepass hunter2\nmaxmemory 1gb', 'hunter2', 'maxmemory 1gb'),
  secret(
    'url=postgres://u:hunter2@h password=hunter@3secret',
    ['hunter2', 'hunter@', '3secret'],
    'postgres://u:',
  ),
  secret('LoginModule required username="a" password="hunter2";', 'hunter2', 'username="a"'),
  secret('["--user","bob","--password","hunter2","--x"]', 'hunter2', ['"bob"', '"--x"']),
  // parameters
  secret('https://h/?PassWord=hunter2&x=1', 'hunter2', 'x=1'),
  secret('https://h/?p%61ssword=hunter2&x=1', 'hunter2', 'x=1'),
  secret('https://h/?%70wd=hunter2', 'hunter2'),
  secret('https://h/?user%5Bpassword%5D=hunter2&a=b', 'hunter2', 'a=b'),
  secret('https://h/cb#access_token=abc123&state=x', 'abc123', 'state=x'),
  secret('https://h/cb#/route?token=abc123', 'abc123', '#/route?token='),
  secret(
    'https://h/?accessToken=abc1&refreshToken=def2&id_token=ghi3',
    ['abc1', 'def2', 'ghi3'],
    'https://h/',
  ),
  secret('https://h/?a=1&api-key=abc123&b=2', 'abc123', ['a=1', 'b=2']),
  secret('https://h/?apikey=abc123', 'abc123'),
  secret('https://h/?key=abc123', 'abc123'),
  secret('https://h/?sig=a%2Bb%3D&se=2030', 'a%2Bb%3D', 'se=2030'),
  secret(
    `https://b.s3.amazonaws.com/k?X-Amz-Expires=60&X-Amz-Signature=${hex(64)}`,
    hex(64),
    'X-Amz-Expires=60',
  ),
  secret('https://h/?X-Amz-Security-Token=FwoGZXIv&x=1', 'FwoGZXIv', 'x=1'),
  secret('https://h/?client_secret=abc123&client_id=me', 'abc123', 'client_id=me'),
  secret('https://h/?auth=abc123', 'abc123'),
  secret('https://h/?signature=abc123', 'abc123'),
  secret('https://h/?next=https%3A%2F%2Fx%2F%3Ftoken%3Dabc123%26y%3D1', 'abc123', 'y%3D1'),
  secret('grant_type=refresh_token&client_secret=abc123&x=1', 'abc123', ['grant_type=', 'x=1']),
  secret(`https://f.azurewebsites.net/api/go?code=${filler(52)}==`, filler(52), 'azurewebsites.net/api/go'),
  secret('wss://h/socket?vsn=2&token=abc123', 'abc123', 'vsn=2'),
  secret("https://h/?password='(a)')%3Bbcd&x=1", ')%3Bbcd', 'x=1'),
  // keys
  secret(privateKey('RSA PRIVATE KEY'), [filler(64), filler(40)], '-----BEGIN RSA PRIVATE KEY-----'),
  secret(privateKey('PRIVATE KEY'), filler(64)),
  secret(privateKey('EC PRIVATE KEY'), filler(64)),
  secret(privateKey('ENCRYPTED PRIVATE KEY'), filler(64)),
  secret(privateKey('OPENSSH PRIVATE KEY'), filler(64)),
  secret(privateKey('PGP PRIVATE KEY BLOCK'), filler(64)),
  secret(privateKey('PRIVATE KEY').replaceAll('\n', '\\n'), filler(64)),
  secret(`${publicCertificate}\n${privateKey('PRIVATE KEY')}\n`, filler(40), '-----END CERTIFICATE-----'),
  secret(`-----BEGIN PRIVATE KEY-----\n${filler(64)}`, filler(64), '-----BEGIN PRIVATE KEY-----'),
  secret(`${filler(64)}\n-----END PRIVATE KEY-----`, filler(64), '-----END PRIVATE KEY-----'),
  secret(`---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\n${filler(64)}`, filler(64)),
  secret(`PuTTY-User-Key-File-2: ssh-rsa\nPrivate-Lines: 1\n${filler(64)}`, filler(64)),
  secret(`${'AGE-SECRET-KEY-'}1${upper(58)}`, upper(58)),
  secret(`${'LS0tLS1CRUdJTi'}BSU0EgUFJJVkFURSBLRVkt${filler(40)}`, filler(40)),
  // tokens
  secret(jwt, [filler(24), filler(43)]),
  secret(`token is ${jwt}, ok`, filler(43), ['token is', ', ok']),
  ...(
    [
      ['ghp_', filler(36)],
      ['gho_', filler(36)],
      ['aka_', filler(43)],
      ['github_pat_', filler(60)],
      ['glpat-', filler(20)],
      ['xoxb-', `${digits(12)}-${filler(24)}`],
      ['xoxp-', digits(12)],
      ['sk_live_', filler(24)],
      ['sk_test_', filler(24)],
      ['rk_live_', filler(24)],
      ['sk-', filler(48)],
      ['sk-ant-api03-', filler(40)],
      ['AKIA', upper(16)],
      ['ASIA', upper(16)],
      ['AIza', filler(35)],
      ['ya29.', filler(40)],
      ['SG.', `${filler(22)}.${filler(43)}`],
      ['npm_', filler(36)],
      ['pypi-Ag', filler(60)],
      ['dop_v1_', hex(64)],
      ['hvs.', filler(24)],
      ['shpat_', hex(32)],
      ['EAA', filler(60)],
      ['key-', hex(32)],
      ['sq0atp-', filler(22)],
      ['whsec_', filler(32)],
      ['GOCSPX-', filler(28)],
      ['hf_', filler(34)],
      ['dckr_pat_', filler(27)],
      ['SK', hex(32)],
      ['rubygems_', hex(48)],
      ['glsa_', filler(32)],
    ] as const
  ).map(([prefix, rest]) => secret(`x ${prefix}${rest} y`, rest, ['x ', ' y'])),
  secret(`${digits(10)}:${'AA'}${filler(33)}`, filler(33)),
  secret(`${hex(32)}-us14`, hex(32)),
  secret('$2y$10$' + filler(53), filler(53)),
  secret('Bearer abc123def', 'abc123def', 'Bearer '),
  secret('Bearer abcdefgh', 'abcdefgh', 'Bearer '),
  secret('Basic Ym9iOmh1bnRlcjI=', 'Ym9iOmh1bnRlcjI', 'Basic '),
  // webhooks
  secret(
    'https://hooks.slack.com/services/T00/B00/abcdef',
    'T00/B00/abcdef',
    'https://hooks.slack.com/services/',
  ),
  secret('notify https://hooks.slack.com/services/T00/B00/abcdef now', 'abcdef', ['notify', 'now']),
  secret('https://outlook.office.com/webhook/abc-def/IncomingWebhook/ghi', ['abc-def', 'ghi']),
  secret(
    'https://acme.webhook.office.com/webhookb2/abc-def@x/IncomingWebhook/ghi',
    ['abc-def', 'ghi'],
    'acme.webhook.office.com',
  ),
  secret('https://discord.com/api/webhooks/123456/abcDEF', ['123456', 'abcDEF'], 'discord.com/api/webhooks/'),
  secret('https://discordapp.com/api/v10/webhooks/123456/abcDEF', 'abcDEF'),
  secret('https://hooks.zapier.com/hooks/catch/123/abcdef/', 'abcdef', 'hooks.zapier.com'),
  secret('https://maker.ifttt.com/trigger/door/with/key/abcdef', 'abcdef', 'trigger/door/with/key/'),
  secret('https://api.telegram.org/bot123:abcdef/sendMessage', '123:abcdef', '/sendMessage'),
  secret(`https://chat.example.com/hooks/${lower(26)}`, lower(26), 'chat.example.com/hooks/'),
  // JSON, YAML and the like
  secret('{"user":"bob","password":"hunter2","port":5}', 'hunter2', ['"user":"bob"', '"port":5']),
  secret(
    '{"db":{"host":"h","passwd":"a\\"b\\\\"},"x":[{"apiKey":"k1"},{"apiKey":"k2"}]}',
    ['a\\"b', 'k1', 'k2'],
    ['"host":"h"'],
  ),
  secret('{"pin":1234,"n":5}', '1234', '"n":5'),
  secret('{"tokens":["aaa1","bbb2"],"n":5}', ['aaa1', 'bbb2'], '"n":5'),
  secret('{"credentials":{"user":"bob","x":"yyy1"},"n":5}', 'yyy1', '"n":5'),
  secret('{"config":"{\\"password\\":\\"hunter2\\",\\"port\\":5}"}', 'hunter2', '\\"port\\":5'),
  secret('{"a":"{\\"b\\":\\"{\\\\\\"secret\\\\\\":\\\\\\"hunter2\\\\\\"}\\"}"}', 'hunter2', '{"a":'),
  secret('{ "pass\\u0077ord" : "hunter2" }', 'hunter2'),
  secret('{"password":"hunter2', 'hunter2'),
  secret('{"auths":{"registry.example.com":{"auth":"Ym9iOmh1bnRlcjI="}}}', 'Ym9iOmh1bnRlcjI'),
  secret(
    '[{"name":"DB_PASSWORD","value":"hunter2"},{"name":"PORT","value":"80"}]',
    'hunter2',
    '"value":"80"',
  ),
  secret("{'password': 'hunter2', 'port': 5}", 'hunter2', "'port': 5"),
  secret('{password: hunter2, port: 5}', 'hunter2', 'port: 5'),
  secret('{:password => "hunter2", :port => 5}', 'hunter2', ':port => 5'),
  secret('db:\n  host: h\n  password: hunter two\n  port: 5', 'hunter two', ['host: h', 'port: 5']),
  secret('a: 1\npassword: \\"x",yz(&]\nb: 2', 'yz(&]', ['a: 1', 'b: 2']),
  secret('key: |\n  line1\n  line2\nport: 5', ['line1', 'line2'], 'port: 5'),
  secret('tokens:\n  - aaa1\n  - bbb2\nport: 5', ['aaa1', 'bbb2'], 'port: 5'),
  secret('- name: API_TOKEN\n  value: hunter2\n- name: X\n  value: y', 'hunter2', 'value: y'),
  secret('<db><password>hunter2</password><port>5</port></db>', 'hunter2', '<port>5</port>'),
  secret('Authorization: Digest username="bob", response="abc123"', 'abc123', 'Authorization: '),
  secret('X-Api-Key: abc123', 'abc123', 'X-Api-Key: '),
  secret('Cookie: sid=abc123; theme=dark', 'abc123', 'Cookie: '),
];

export const HARMLESS_VALUES: readonly string[] = [
  '',
  '0',
  '1',
  '5000',
  '3.14',
  'true',
  'production',
  'eu-central-1',
  'info',
  'Europe/Berlin',
  'en_US.UTF-8',
  'a b c',
  'été ✓ 日本語 🎉',
  '\u0000\u0001',
  '0 3 * * *',
  '#ff8800',
  'web.1',
  '10.0.0.0/8',
  '::1',
  'fe80::1%eth0',
  '127.0.0.1:5432',
  'localhost',
  'db.internal:5432',
  'a:9092,b:9092,c:9092',
  'auth:8080',
  'registry.example.com/team/auth:1.4.2',
  'saltstack/salt:3006.1',
  'vault/secret:latest',
  'node:20-alpine',
  'app@sha256:3f9a1c7e5b2d8046',
  'bob@example.com',
  'Bob <bob@example.com>',
  'mailto:bob@example.com',
  'sip:bob@example.com',
  'a@example.com,b@example.com',
  'git@github.com:org/repo.git',
  'ssh://git@github.com/org/repo.git',
  'https://github.com/org/repo.git',
  'https://user@host/',
  'https://host/path',
  'https://h:8443/path:with@at',
  'https://h:8443/@scope/pkg',
  'https://registry.npmjs.org/@scope/pkg',
  'https://medium.com/@user/post:1',
  'http://[::1]:8080/a@b',
  'http://localhost:3000',
  'https://example.com/?page=2&sort=name',
  'https://example.com/?email=bob@example.com',
  'https://example.com:8443/?email=bob@example.com',
  'https://example.com/keys/list?keyword=x&author=y',
  'https://example.com/reset-password',
  'https://auth.example.com/oauth2/token',
  'https://example.com/token/refresh',
  'https://example.com/a?code=DE',
  'http://web.archive.org/web/2020/https://example.com/',
  'https://o1.ingest.sentry.io/42',
  'https://hooks.slack.com/',
  'https://discord.com/channels/1/2',
  'postgres://localhost/app',
  'postgres://app@localhost/app',
  'postgres://localhost:5432/app',
  'postgres://localhost:5432/app?sslmode=require',
  'mongodb://a:27017,b:27017/app?replicaSet=rs0&authSource=admin',
  'redis://cache:6379/0',
  'kafka://a:9092',
  'sqlite:///var/lib/app.db',
  'file:///etc/passwd',
  's3://bucket/key/prefix',
  'jdbc:postgresql://db:5432/app',
  'jdbc:oracle:thin:@//db:1521/orcl',
  'amqp://mq',
  'tcp://10.0.0.1:2376',
  'unix:///var/run/docker.sock',
  'arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-AbCdEf',
  'arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab',
  'projects/p/secrets/s/versions/latest',
  '550e8400-e29b-41d4-a716-446655440000',
  '3f9a1c7e5b2d80463f9a1c7e5b2d80463f9a1c7e',
  'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=',
  'pk_live_publishable',
  'Basic plan',
  'basic authentication is off',
  'bearer of bad news',
  'Forgot your password?',
  'token or key',
  'The key to success is patience.',
  'No password, no secret, no token',
  'secretary,author,keyboard,monkey',
  'author=bob',
  'author: bob',
  'keyboard: qwerty',
  'monkey=see;monkey=do',
  '{"author":"bob","keywords":["a","b"],"n":null}',
  '{"passwordMinLength":8,"tokenTtl":3600,"authEnabled":true}',
  '{"password":null,"token":"","secure":true,"auth":false}',
  '{"token_uri":"https://oauth2.googleapis.com/token","type":"service_account"}',
  '{"name":"PORT","value":"80"}',
  '[1,2,3]',
  '{',
  '"',
  '}{',
  'Server=db;Database=app;Integrated Security=SSPI;TrustServerCertificate=True',
  'host=db port=5432 dbname=app sslmode=verify-full sslrootcert=/etc/ca.pem',
  'FOO=1\nBAR=2\nBAZ=three four',
  'a: 1\nb:\n  - c\n  - d',
  '-Xmx512m -Dfile.encoding=UTF-8',
  '--max-old-space-size=460 --enable-source-maps',
  '--no-auth --port 80',
  '$HOME/bin:/usr/local/bin',
  'C:\\Users\\bob\\app',
  'std::string::npos',
  'SELECT * FROM t WHERE a = 1',
  '^/api/(v1|v2)/.*$',
  'x == y && a != b',
  'Mon, 02 Jan 2006 15:04:05 GMT',
  '2026-01-02T03:04:05Z',
  publicCertificate,
  `-----BEGIN PUBLIC KEY-----\n${filler(64)}\n-----END PUBLIC KEY-----`,
  `ssh-ed25519 ${filler(64)} bob@host`,
  'data:image/png;base64,iVBORw0KGgo=',
  'default-src self; img-src *',
  'max-age=31536000; includeSubDomains',
  'GET,POST,PUT',
  'ey',
  'eyJ',
  'sk-SK',
  'task-123456789-abcdefgh-x1',
  'npm_config_cache',
  'key-value-store',
  '{"args":"--key ","b":"x"}',
  '{"args":"--key \\\\","b":"x"}',
];
