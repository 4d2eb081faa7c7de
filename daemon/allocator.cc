// How jemalloc behaves: few arenas, for there are few threads, and memory goes back within a
// second, so that a burst of large requests does not stay resident. See jemalloc(3), TUNING.

extern "C" {
extern const char* malloc_conf;
const char* malloc_conf = "narenas:2,dirty_decay_ms:1000,muzzy_decay_ms:0";
}
