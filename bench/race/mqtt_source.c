// mqtt_source: the server half of an MQTT broker, reduced to feeding its subscribers as fast as they take.
// It measures the subscribers, not a broker: no routing, no storage; each connection gets its share of the messages.
// Speaks MQTT 3.1.1 and 5, by the CONNECT's protocol level. Prints, one a line:
//   SUBSCRIBE at                               a connection's SUBSCRIBE was read; seconds of CLOCK_MONOTONIC
//   START at                                   the first PUBLISH is due
//   SENT seconds messages                      QoS 0: all written
//   LATENCY p50 p99 p99.9 max                  milliseconds from the PUBLISH being due to its PUBACK or PUBREC;
//                                              with --rate, without those of the first second
//   DONE seconds acked unordered=N unknown=N   QoS 1 and 2: all acknowledged; unordered counts PUBACK and PUBREC that
//                                              are not in the order of the PUBLISHes [MQTT-4.6.0-2]
//   CLOSED sent acked                          a subscriber hung up first; the process ends
#include "common.h"
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#define USAGE "usage: mqtt_source --port N --messages N [--payload BYTES] [--qos 0|1|2] [--window N] [--topics N] [--connections N] [--delay MS] [--rate N]\n" \
  "  --window       most unacknowledged messages of a connection; lowered to its Receive Maximum\n" \
  "  --topics       distinct topics: bench/s<N>/data\n" \
  "  --connections  subscribers that the messages and the rate are divided among; all must have subscribed before the first PUBLISH\n" \
  "  --messages 0   no message: the subscribers are held idle\n" \
  "  --rate         messages a second over all connections, evenly; 0: as fast as they go"

enum { IN = 1 << 17, CHUNK = 1 << 18, BATCH = 1 << 15 };

struct peer {
  int fd, v5, subscribed, in_len, out_len, out_off;
  long total, sent, acked;
  int window; unsigned short id, expect;
  unsigned char *in, *out;
  double due[65536];
};

static long port, messages = -1, payload_len = 256, qos = 1, window = 10000, topics = 64, connections = 1, delay_ms = 500;
static double rate, started;
static unsigned char *payload;
static int out_size;
static struct peer *peers;
static long sent, acked, unordered, unknown, waits_len;
static float *waits;

static void put(struct peer *p, const unsigned char *bytes, int n) {
  if (p->out_off > 0) { memmove(p->out, p->out + p->out_off, p->out_len - p->out_off); p->out_len -= p->out_off; p->out_off = 0; }
  if (p->out_len + n > out_size) { fprintf(stderr, "mqtt_source: a subscriber sends and does not read\n"); exit(1); }
  memcpy(p->out + p->out_len, bytes, n);
  p->out_len += n;
}

// Receive Maximum of an MQTT 5 CONNECT's properties; 65535 when absent.
static int receive_maximum(const unsigned char *props, int len) {
  for (int i = 0; i + 2 < len;) {
    int id = props[i++], text = props[i] << 8 | props[i + 1];
    if (id == 0x21) return text;
    if (id == 0x26) { i += 2 + text; i += 2 + (props[i] << 8 | props[i + 1]); }
    else i += id == 0x11 || id == 0x27 ? 4 : id == 0x22 ? 2 : id == 0x17 || id == 0x19 ? 1 : 2 + text;
  }
  return 65535;
}

static int ascending(const void *a, const void *b) { float x = *(float *)a, y = *(float *)b; return (x > y) - (x < y); }

static void print_done(void) {
  if (waits_len) {
    qsort(waits, waits_len, sizeof *waits, ascending);
    static const double q[] = {0.5, 0.99, 0.999, 1};
    printf("LATENCY");
    for (int i = 0; i < 4; i++) { long k = q[i] * waits_len; printf(" %.3f", waits[k < waits_len ? k : waits_len - 1]); }
    printf("\n");
  }
  printf("DONE %.3f %ld unordered=%ld unknown=%ld\n", now() - started, acked, unordered, unknown);
}

static void closed(void) { printf("CLOSED %ld %ld\n", sent, acked); exit(0); }

static void take(struct peer *p, int first, unsigned char *b, int body) {
  int type = first >> 4, len, k;
  if (type == 1) {
    p->v5 = b[6] == 5;
    if (p->v5) { k = varint(b + 10, body - 10, &len); int most = receive_maximum(b + 10 + k, len); if (most < p->window) p->window = most; }
    if (p->v5) put(p, (unsigned char[]){0x20, 3, 0, 0, 0}, 5); else put(p, (unsigned char[]){0x20, 2, 0, 0}, 4);
  } else if (type == 8) {
    int at = 2, filters = 0;
    if (p->v5) { k = varint(b + 2, body - 2, &len); at += k + len; }
    while (at + 2 < body && filters < 60) { at += 3 + (b[at] << 8 | b[at + 1]); filters++; }
    unsigned char suback[72] = {0x90, 2 + p->v5 + filters, b[0], b[1]};
    memset(suback + 4 + p->v5, qos, filters);
    put(p, suback, 4 + p->v5 + filters);
    p->subscribed = 1;
    printf("SUBSCRIBE %.6f\n", now());
  } else if (type == 12) {
    put(p, (unsigned char[]){0xd0, 0}, 2);
  } else if (type == 4 || type == 5) {
    unsigned short got = b[0] << 8 | b[1];
    if (got == 0) unknown++;
    if (waits_len < messages && (rate == 0 || p->due[got] > started + 1)) waits[waits_len++] = (now() - p->due[got]) * 1e3;
    if (got != p->expect) unordered++;
    p->expect = got == 65535 ? 1 : got + 1;
    if (type == 5) put(p, (unsigned char[]){0x62, 2, b[0], b[1]}, 4); else { p->acked++; acked++; }
  } else if (type == 7) { p->acked++; acked++; }
  else if (type == 14) closed();
  if ((type == 4 || type == 7) && acked == messages) print_done();
}

static void receive(struct peer *p) {
  int r = read(p->fd, p->in + p->in_len, IN - p->in_len), at = 0;
  if (r == 0 || (r < 0 && errno != EAGAIN)) closed();
  if (r > 0) p->in_len += r;
  for (;;) {
    int body, n = p->in_len - at < 2 ? 0 : varint(p->in + at + 1, p->in_len - at - 1, &body);
    if (n && 1 + n + body > IN) { fprintf(stderr, "mqtt_source: a packet of %d bytes\n", body); exit(1); }
    if (!n || at + 1 + n + body > p->in_len) break;
    take(p, p->in[at], p->in + at + 1 + n, body);
    at += 1 + n + body;
  }
  memmove(p->in, p->in + at, p->in_len - at);
  p->in_len -= at;
}

static int may_send(const struct peer *p) { return p->sent < p->total && (qos == 0 || p->sent - p->acked < p->window); }

static void publish(struct peer *p) {
  if (p->out_off == p->out_len) p->out_off = p->out_len = 0;
  double time = now(), share = rate * p->total / (messages ? messages : 1);
  long allowed = rate > 0 ? (long)((time - started) * share) : p->total;
  while (may_send(p) && p->sent < allowed && p->out_len + payload_len + 96 + BATCH < out_size && p->out_len - p->out_off < CHUNK) {
    if (qos) { if (++p->id == 0) p->id = 1; p->due[p->id] = rate > 0 ? started + p->sent / share : time; }
    p->out_len = put_publish(p->out + p->out_len, p->sent % topics, qos, p->id, p->v5, payload, payload_len) - p->out;
    p->sent++;
    if (++sent == messages && qos == 0) printf("SENT %.3f %ld\n", now() - started, sent);
  }
}

static void flush_out(struct peer *p) {
  if (p->out_off == p->out_len) return;
  int r = write(p->fd, p->out + p->out_off, p->out_len - p->out_off);
  if (r < 0 && errno != EAGAIN) closed();
  if (r > 0) p->out_off += r;
  if (p->out_off == p->out_len) p->out_off = p->out_len = 0;
  else if (p->out_off > CHUNK * 2) { memmove(p->out, p->out + p->out_off, p->out_len - p->out_off); p->out_len -= p->out_off; p->out_off = 0; }
}

static void add(struct peer *p, int listener, long index) {
  int one = 1;
  p->fd = accept(listener, 0, 0);
  if (p->fd < 0) { perror("mqtt_source"); exit(1); }
  setsockopt(p->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  fcntl(p->fd, F_SETFL, O_NONBLOCK);
  p->in = malloc(IN); p->out = malloc(out_size);
  p->total = messages / connections + (index < messages % connections);
  p->window = window; p->expect = 1;
}

int main(int argc, char **argv) {
  read_options(argc, argv, (struct option_[]){{"--port", &port}, {"--messages", &messages}, {"--payload", &payload_len}, {"--qos", &qos}, {"--window", &window}, {"--topics", &topics},
    {"--connections", &connections}, {"--delay", &delay_ms}, {"--rate", 0, &rate}, {0}}, USAGE);
  if (!port || messages < 0 || qos < 0 || qos > 2 || window < 1 || window > 65535 || topics < 1 || connections < 1 || payload_len < 0 || payload_len > 100 << 20) { fprintf(stderr, "%s\n", USAGE); return 2; }
  setvbuf(stdout, 0, _IOLBF, 0);
  payload = malloc(payload_len + 1); fill_payload(payload, payload_len);
  out_size = payload_len + 4 * CHUNK;
  waits = malloc((messages + 1) * sizeof *waits); peers = calloc(connections, sizeof *peers);
  struct pollfd *polled = calloc(connections + 1, sizeof *polled);

  int one = 1, listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  if (bind(listener, (void *)&at, sizeof at) || listen(listener, 128)) { perror("mqtt_source"); return 1; }

  long count = 0, subscribed = 0; double all_at = 0;
  for (;;) {
    for (long i = 0; i < count; i++) {
      struct peer *p = peers + i; int more = p->out_off < p->out_len;
      polled[i] = (struct pollfd){p->fd, POLLIN | (more || (started > 0 && rate == 0 && may_send(p)) ? POLLOUT : 0), 0};
    }
    polled[count] = (struct pollfd){count < connections ? listener : -1, POLLIN, 0};
    poll(polled, count + 1, started > 0 && rate > 0 ? 1 : 10);
    for (long i = 0; i < count; i++) if (polled[i].revents & (POLLIN | POLLHUP | POLLERR)) receive(peers + i);
    if (polled[count].revents & POLLIN) { add(peers + count, listener, count); count++; }
    if (all_at == 0) {
      subscribed = 0;
      for (long i = 0; i < count; i++) subscribed += peers[i].subscribed;
      if (subscribed == connections) all_at = now();
    }
    if (started == 0 && all_at > 0 && now() - all_at > delay_ms / 1e3) { started = now(); printf("START %.6f\n", started); }
    for (long i = 0; i < count; i++) { if (started > 0) publish(peers + i); flush_out(peers + i); }
  }
}
