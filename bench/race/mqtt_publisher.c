// mqtt_publisher: several MQTT 3.1.1 publishers in one process and thread, for a real broker.
// Prints "START at" (seconds of CLOCK_MONOTONIC) before the first PUBLISH, "DONE seconds messages" when all are written (QoS 0) or acknowledged by the broker.
#include "common.h"
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#define USAGE "usage: mqtt_publisher --port N --messages N [--payload BYTES] [--qos 0|1|2] [--window N] [--topics N] [--publishers N] [--rate N]"

enum { IN = 1 << 16, CHUNK = 1 << 16 };

struct publisher { int fd, in_len, out_len, out_off; long total, sent, done; unsigned short id; unsigned char in[IN], *out; };

static long port, messages = -1, payload_len = 256, qos = 1, window = 500, topics = 64, publishers = 4;
static double rate;

static void fail(const char *why) { fprintf(stderr, "mqtt_publisher: %s\n", why); exit(1); }

static void connect_to(struct publisher *p, int number) {
  int one = 1;
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  p->fd = socket(AF_INET, SOCK_STREAM, 0);
  if (connect(p->fd, (void *)&at, sizeof at)) fail(strerror(errno));
  setsockopt(p->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  unsigned char hello[] = {0x10, 18, 0, 4, 'M', 'Q', 'T', 'T', 4, 2, 0, 0, 0, 6, 'p', 'u', 'b', '0' + number / 100 % 10, '0' + number / 10 % 10, '0' + number % 10}, answer[4];
  if (write(p->fd, hello, sizeof hello) != sizeof hello || recv(p->fd, answer, 4, MSG_WAITALL) != 4 || answer[3]) fail("the broker refused the CONNECT");
  fcntl(p->fd, F_SETFL, O_NONBLOCK);
}

static void receive(struct publisher *p) {
  int r = read(p->fd, p->in + p->in_len, IN - p->in_len), at = 0;
  if (r == 0 || (r < 0 && errno != EAGAIN)) fail("the broker hung up");
  if (r > 0) p->in_len += r;
  // PUBACK, PUBREC and PUBCOMP of 3.1.1 have four bytes each; nothing else comes.
  for (; at + 4 <= p->in_len; at += 4) {
    if (p->in[at] >> 4 == 5) { memcpy(p->out + p->out_len, (unsigned char[]){0x62, 2, p->in[at + 2], p->in[at + 3]}, 4); p->out_len += 4; }
    else p->done++;
  }
  memmove(p->in, p->in + at, p->in_len - at);
  p->in_len -= at;
}

int main(int argc, char **argv) {
  read_options(argc, argv, (struct option_[]){{"--port", &port}, {"--messages", &messages}, {"--payload", &payload_len}, {"--qos", &qos}, {"--window", &window}, {"--topics", &topics},
    {"--publishers", &publishers}, {"--rate", 0, &rate}, {0}}, USAGE);
  if (!port || messages < 1 || qos < 0 || qos > 2 || window < 1 || window > 10000 || topics < 1 || publishers < 1 || publishers > 999 || payload_len < 0 || payload_len > 1 << 20) { fprintf(stderr, "%s\n", USAGE); return 2; }
  unsigned char *payload = malloc(payload_len + 1); fill_payload(payload, payload_len);
  struct publisher *all = calloc(publishers, sizeof *all);
  struct pollfd *polled = calloc(publishers, sizeof *polled);
  // Room for the acks of a whole window beside a chunk of messages.
  int out_size = 3 * CHUNK + payload_len + 8 * window + IN;
  for (long i = 0; i < publishers; i++) {
    all[i].out = malloc(out_size);
    all[i].total = messages / publishers + (i < messages % publishers);
    connect_to(all + i, i);
  }

  double started = now();
  printf("START %.6f\n", started); fflush(stdout);
  for (;;) {
    long done = 0;
    for (long i = 0; i < publishers; i++) {
      struct publisher *p = all + i;
      if (p->out_off) { memmove(p->out, p->out + p->out_off, p->out_len - p->out_off); p->out_len -= p->out_off; p->out_off = 0; }
      long allowed = rate > 0 ? (long)((now() - started) * rate * p->total / messages) : p->total;
      while (p->sent < p->total && p->sent < allowed && (qos == 0 || p->sent - p->done < window) && p->out_len < CHUNK) {
        if (++p->id == 0) p->id = 1;
        p->out_len = put_publish(p->out + p->out_len, (i + p->sent * publishers) % topics, qos, p->id, 0, payload, payload_len) - p->out;
        p->sent++;
      }
      if (p->out_len) {
        int r = write(p->fd, p->out, p->out_len);
        if (r < 0 && errno != EAGAIN) fail(strerror(errno));
        if (r > 0) p->out_off = r;
      }
      if (qos == 0) p->done = p->out_off == p->out_len ? p->sent : 0;
      done += p->done;
      int waits = p->out_off < p->out_len || (rate == 0 && p->sent < p->total && (qos == 0 || p->sent - p->done < window));
      polled[i] = (struct pollfd){p->fd, POLLIN | (waits ? POLLOUT : 0), 0};
    }
    if (done == messages) { printf("DONE %.3f %ld\n", now() - started, done); return 0; }
    poll(polled, publishers, rate > 0 ? 1 : 100);
    for (long i = 0; i < publishers; i++) if (polled[i].revents & (POLLIN | POLLHUP | POLLERR)) {
      struct publisher *p = all + i;
      if (p->out_off) { memmove(p->out, p->out + p->out_off, p->out_len - p->out_off); p->out_len -= p->out_off; p->out_off = 0; }
      receive(p);
    }
  }
}
