using System.IO.MemoryMappedFiles;

namespace Fastbridge.Tests.Support;

/// <summary>
/// A wall clock that jumps for one process: a library that is loaded before libc and adds a number of seconds, which the test can change at any time, to what
/// it tells of the time of day. The monotonic clock goes on, as it does where an administrator sets the clock. Built by the machine's C compiler.
/// </summary>
public sealed class ClockShift : IAsyncDisposable
{
    // Waits that are given as a time of day are shifted back: the kernel's clock has not jumped. Those of the monotonic clock are small numbers.
    private const string Source = """
        #define _GNU_SOURCE
        #include <dlfcn.h>
        #include <fcntl.h>
        #include <pthread.h>
        #include <stdlib.h>
        #include <sys/mman.h>
        #include <sys/time.h>
        #include <time.h>
        static volatile long *seconds;
        static long none;
        __attribute__((constructor)) static void open_shift(void) {
            int file = open(getenv("CLOCK_SHIFT_FILE"), O_RDONLY);
            void *memory = file < 0 ? MAP_FAILED : mmap(0, sizeof(long), PROT_READ, MAP_SHARED, file, 0);
            seconds = memory == MAP_FAILED ? &none : memory;
        }
        static long shift(void) { return seconds ? *seconds : 0; }
        #define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
        int clock_gettime(clockid_t id, struct timespec *t) {
            static __typeof__(&clock_gettime) next;
            if (!next) next = NEXT(clock_gettime);
            int result = next(id, t);
            if (!result && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE)) t->tv_sec += shift();
            return result;
        }
        int gettimeofday(struct timeval *t, void *zone) {
            static int (*next)(struct timeval *, void *);
            if (!next) next = (int (*)(struct timeval *, void *))dlsym(RTLD_NEXT, "gettimeofday");
            int result = next(t, zone);
            if (!result) t->tv_sec += shift();
            return result;
        }
        time_t time(time_t *t) {
            struct timespec now;
            clock_gettime(CLOCK_REALTIME, &now);
            if (t) *t = now.tv_sec;
            return now.tv_sec;
        }
        int pthread_cond_timedwait(pthread_cond_t *c, pthread_mutex_t *m, const struct timespec *until) {
            static __typeof__(&pthread_cond_timedwait) next;
            if (!next) next = NEXT(pthread_cond_timedwait);
            struct timespec real = *until;
            if (real.tv_sec > 1000000000) real.tv_sec -= shift();
            return next(c, m, &real);
        }
        """;

    private readonly TempFolder _folder = new("clock");
    private MemoryMappedFile? _file;
    private MemoryMappedViewAccessor? _seconds;

    private ClockShift()
    {
    }

    /// <summary>For the process whose clock is to jump.</summary>
    public IReadOnlyDictionary<string, string?> Environment => new Dictionary<string, string?>
    {
        ["LD_PRELOAD"] = _folder.File("clock.so"),
        ["CLOCK_SHIFT_FILE"] = _folder.File("shift"),
    };

    /// <summary>Seconds that the clock is ahead of the machine's; works at once.</summary>
    public long Seconds
    {
        set => _seconds!.Write(0, value);
    }

    /// <summary>Builds the library; skips the test where that cannot be done.</summary>
    public static async Task<ClockShift> StartAsync()
    {
        var clock = new ClockShift();
        string source = clock._folder.Write("clock.c", Source);
        try
        {
            (int code, _, string error) = await ChildProcess.RunAsync("cc", ["-O1", "-shared", "-fPIC", "-o", clock._folder.File("clock.so"), source, "-ldl"]);
            if (code != 0) TestTools.Skip($"a clock that jumps needs a C compiler that works: {error.ReplaceLineEndings(" ")}");
        }
        catch (System.ComponentModel.Win32Exception)
        {
            TestTools.Skip("a clock that jumps needs a C compiler: apt-get install gcc libc6-dev");
        }

        await File.WriteAllBytesAsync(clock._folder.File("shift"), new byte[8]);
        clock._file = MemoryMappedFile.CreateFromFile(clock._folder.File("shift"), FileMode.Open);
        clock._seconds = clock._file.CreateViewAccessor(0, 8);
        return clock;
    }

    public ValueTask DisposeAsync()
    {
        _seconds?.Dispose();
        _file?.Dispose();
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }
}
