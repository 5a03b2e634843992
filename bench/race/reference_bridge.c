// reference_bridge: the floor that fastbridge is measured against. A single-threaded C loop on librdkafka that
// does the same work per message (MQTT 3.1.1 PUBLISH -> RobustMQ JSON -> idempotent produce -> ack after delivery)
// and NOTHING else: no reconnect, no MQTT 5, no escaping, no ordered acks, no bounds checks. Never a product.
// usage: reference_bridge BOOTSTRAP MQTT_PORT QOS [LINGER_MS [TOPIC]]      (subscribes bench/#; QoS 0, 1 and 2; TOPIC is "t" by default)
#include <librdkafka/rdkafka.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

static int fd, qos; static unsigned char acks[1 << 20]; static int acks_len;

static void flush_acks(void) {
  for (int o = 0; o < acks_len;) { int r = write(fd, acks + o, acks_len - o); if (r > 0) o += r; }
  acks_len = 0;
}

static void delivered(rd_kafka_t *rk, const rd_kafka_message_t *m, void *opaque) {
  (void)rk; (void)opaque; unsigned id = (unsigned)(size_t)m->_private;
  if (!id) return;
  unsigned char ack[] = {qos == 2 ? 0x50 : 0x40, 2, id >> 8, id};  // PUBREC or PUBACK
  memcpy(acks + acks_len, ack, 4); acks_len += 4;
  if (acks_len > (int)sizeof acks - 64) flush_acks();
}

static const char B64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static char *base64(char *w, const unsigned char *p, int n) {
  int i = 0;
  for (; i + 2 < n; i += 3) { unsigned x = p[i] << 16 | p[i + 1] << 8 | p[i + 2]; *w++ = B64[x >> 18]; *w++ = B64[x >> 12 & 63]; *w++ = B64[x >> 6 & 63]; *w++ = B64[x & 63]; }
  if (n - i == 1) { unsigned x = p[i] << 16; *w++ = B64[x >> 18]; *w++ = B64[x >> 12 & 63]; *w++ = '='; *w++ = '='; }
  if (n - i == 2) { unsigned x = p[i] << 16 | p[i + 1] << 8; *w++ = B64[x >> 18]; *w++ = B64[x >> 12 & 63]; *w++ = B64[x >> 6 & 63]; *w++ = '='; }
  return w;
}

int main(int argc, char **argv) {
  if (argc < 4) { fprintf(stderr, "usage: reference_bridge BOOTSTRAP MQTT_PORT QOS [LINGER_MS [TOPIC [join]]]\n"); return 2; }
  char error[256]; rd_kafka_conf_t *conf = rd_kafka_conf_new();
  rd_kafka_conf_set(conf, "bootstrap.servers", argv[1], error, sizeof error);
  rd_kafka_conf_set(conf, "enable.idempotence", "true", error, sizeof error);
  rd_kafka_conf_set(conf, "linger.ms", argc > 4 ? argv[4] : "5", error, sizeof error);
  rd_kafka_conf_set(conf, "queue.buffering.max.messages", "1000000", error, sizeof error);
  // Properties of the project's librdkafka; without them requests leave as librdkafka's own.
  if (argc > 6 && !strcmp(argv[6], "join") && (rd_kafka_conf_set(conf, "produce.requests.join", "true", error, sizeof error) || rd_kafka_conf_set(conf, "produce.requests.overlap", "true", error, sizeof error))) { fprintf(stderr, "%s\n", error); return 2; }
  rd_kafka_conf_set_dr_msg_cb(conf, delivered);
  rd_kafka_t *rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, error, sizeof error);
  rd_kafka_topic_t *kafka_topic = rd_kafka_topic_new(rk, argc > 5 ? argv[5] : "t", NULL);

  int wake[2]; if (pipe(wake)) return 1;  // written to when delivery reports are waiting
  rd_kafka_queue_io_event_enable(rd_kafka_queue_get_main(rk), wake[1], "x", 1);

  int one = 1; qos = atoi(argv[3]); fd = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[2])), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  if (connect(fd, (void *)&at, sizeof at)) { perror("reference_bridge"); return 1; }
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  unsigned char hello[] = {0x10, 15, 0, 4, 'M', 'Q', 'T', 'T', 4, 2, 0, 60, 0, 3, 'r', 'e', 'f', 0x82, 12, 0, 1, 0, 7, 'b', 'e', 'n', 'c', 'h', '/', '#', qos};
  if (write(fd, hello, sizeof hello) < 0) return 1;

  static unsigned char in[4 << 20]; static char json[4 << 20]; int in_len = 0;
  for (;;) {
    struct pollfd p[2] = {{fd, POLLIN, 0}, {wake[0], POLLIN, 0}}; poll(p, 2, 1000);
    if (p[1].revents) { char drop[64]; if (read(wake[0], drop, sizeof drop) < 0) return 1; }
    if (p[0].revents) {
      int r = read(fd, in + in_len, sizeof in - in_len); if (r <= 0) return 0;
      in_len += r; long seconds = time(0); int o = 0;
      for (;;) {
        int body = 0, shift = 0, i = 1, whole = 0;
        while (i <= 4 && o + i < in_len) { body |= (in[o + i] & 127) << shift; shift += 7; if (!(in[o + i++] & 128)) { whole = 1; break; } }
        if (!whole || o + i + body > in_len) break;
        unsigned char *b = in + o + i;
        if (in[o] >> 4 == 3) {
          int q = in[o] >> 1 & 3, topic_len = b[0] << 8 | b[1], h = 2 + topic_len; char *topic = (char *)b + 2; unsigned id = 0;
          if (q) { id = b[h] << 8 | b[h + 1]; h += 2; }
          int n = body - h; char *w = json;
          w += sprintf(w, "{\"topic\":\"%.*s\",\"qos\":%d,\"retain\":%s,\"payload\":\"", topic_len, topic, q, in[o] & 1 ? "true" : "false");
          char *b64 = w; w = base64(w, b + h, n); int b64_len = w - b64;
          w += sprintf(w, "\",\"client_id\":\"\",\"username\":\"\",\"timestamp\":%ld,\"message_id\":%u,\"header\":[],\"key\":\"k\",\"data\":\"", seconds, id);
          memcpy(w, b64, b64_len); w += b64_len; w += sprintf(w, "\",\"tags\":[\"");
          for (int z = 0; z < topic_len; z++) { if (topic[z] == '/') { memcpy(w, "\",\"", 3); w += 3; } else *w++ = topic[z]; }
          w += sprintf(w, "\"],\"crc_num\":%lu}", crc32(0, b + h, n));
          while (rd_kafka_produce(kafka_topic, RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY, json, w - json, topic, topic_len, (void *)(size_t)id)) { rd_kafka_poll(rk, 10); flush_acks(); }
        }
        if (in[o] >> 4 == 6) { unsigned char complete[] = {0x70, 2, b[0], b[1]}; memcpy(acks + acks_len, complete, 4); acks_len += 4; if (acks_len > (int)sizeof acks - 64) flush_acks(); }
        o += i + body;
      }
      memmove(in, in + o, in_len - o); in_len -= o;
    }
    rd_kafka_poll(rk, 0); flush_acks();
  }
}
