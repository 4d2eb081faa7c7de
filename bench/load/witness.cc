#include "bench/load/witness.h"

#include <libpq-fe.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <stdexcept>
#include <vector>

#include "bench/load/resp.h"
#include "bench/load/socket.h"

namespace daybook::load {
namespace {

constexpr std::string_view kOffset = "\"offset\":";

std::uint64_t number(std::string_view text) {
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

class RedisWitness final : public Witness {
 public:
  RedisWitness(std::uint16_t port, const std::string& channel) : fd_(connect_loopback(port)) {
    send_all(fd_.get(), "SUBSCRIBE " + channel + "\r\n");
    set_nonblocking(fd_.get());
  }
  int fd() const override { return fd_.get(); }
  std::int64_t pause_ns() const override { return 0; }
  void hear(const std::function<void(std::uint64_t)>& seen) override {
    std::array<char, 1 << 16> bytes;
    const ssize_t n = ::recv(fd_.get(), bytes.data(), bytes.size(), 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (n <= 0) throw std::runtime_error("Redis closed the subscriber's connection");
    in_.append(bytes.data(), static_cast<std::size_t>(n));
    std::size_t done = 0;
    for (;;) {
      std::vector<std::string_view> strings;
      const std::size_t reply = resp_bytes(std::string_view(in_).substr(done), &strings);
      if (reply == 0) break;
      done += reply;
      if (strings.size() != 3 || strings[0] != "message") continue;
      const std::size_t at = strings[2].find(kOffset);
      if (at == std::string_view::npos) throw std::runtime_error("a message without an offset");
      seen(number(strings[2].substr(at + kOffset.size())));
    }
    in_.erase(0, done);
  }

 private:
  Fd fd_;
  std::string in_;
};

class PostgresWitness final : public Witness {
 public:
  explicit PostgresWitness(const std::string& conninfo)
      : connection_(PQconnectdb(conninfo.c_str()), PQfinish) {
    if (PQstatus(connection_.get()) != CONNECTION_OK)
      throw std::runtime_error(std::string("PostgreSQL: ") + PQerrorMessage(connection_.get()));
  }
  int fd() const override { return PQsocket(connection_.get()); }
  std::int64_t pause_ns() const override { return 500'000; }
  void hear(const std::function<void(std::uint64_t)>& seen) override {
    PGconn* const raw = connection_.get();
    if (!is_asking_) {
      if (PQsendQuery(raw, "SELECT log_offset FROM daybook.checkpoints WHERE name = 'postgres'") !=
          1)
        throw std::runtime_error(PQerrorMessage(raw));
      is_asking_ = true;
    }
    if (PQconsumeInput(raw) != 1) throw std::runtime_error(PQerrorMessage(raw));
    while (PQisBusy(raw) == 0) {
      const std::unique_ptr<PGresult, void (*)(PGresult*)> answer(PQgetResult(raw), PQclear);
      if (!answer) {
        is_asking_ = false;
        return;
      }
      if (PQntuples(answer.get()) != 1) throw std::runtime_error(PQerrorMessage(raw));
      for (const std::uint64_t head = number(PQgetvalue(answer.get(), 0, 0)); seen_ < head;)
        seen(++seen_);
    }
  }

 private:
  std::unique_ptr<PGconn, void (*)(PGconn*)> connection_;
  bool is_asking_ = false;
  std::uint64_t seen_ = 0;
};

}  // namespace

std::unique_ptr<Witness> witness_redis(std::uint16_t port, const std::string& channel) {
  return std::make_unique<RedisWitness>(port, channel);
}

std::unique_ptr<Witness> witness_postgres(const std::string& conninfo) {
  return std::make_unique<PostgresWitness>(conninfo);
}

}  // namespace daybook::load
