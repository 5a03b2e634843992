using System.Collections.Immutable;
using System.Security.Cryptography;
using Fastbridge.Core.Config;
using Fastbridge.Core.Config.Source;

namespace Fastbridge.Core.Live;

/// <summary>
/// The connectors file, looked at four times a second: that works on network file systems and for symlinks that are swapped (a Kubernetes config map), where
/// notifications of the system do not, and costs a system call a look. What decides is the content, not the stamp. Files that <c>${file:}</c> names, and those of TLS, count too.
/// </summary>
public sealed class FileConnectorSource(string path, LoadEnvironment environment, TimeProvider time) : IConnectorSource
{
    /// <summary>250 ms: a connector that was written a moment ago is to carry messages within a second.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    /// <summary>
    /// 2 s, the coarsest clock of a file system (FAT): a file that changed a shorter time ago may change again without another stamp, so it is read once more.
    /// </summary>
    private const long YoungMs = 2_000;

    private SourceReading? _last;
    private ulong _stamp;
    private long _youngUntilMs;
    private bool _readAgain;

    public string Name => path;

    /// <summary>The revision of a file's text: the first 16 hexadecimal digits of its SHA-256.</summary>
    public static string RevisionOf(ReadOnlySpan<byte> text) => Convert.ToHexStringLower(SHA256.HashData(text).AsSpan(0, 8));

    public SourceReading Read()
    {
        // Stamp first: what is written while it is read shows at the next look.
        ImmutableArray<string> files = _last?.Result.WatchedFiles ?? [];
        ulong stamp = StampOf(files, out long changedAtMs);
        bool filesMayDiffer = !files.IsEmpty && (stamp != _stamp || _readAgain);
        string revision = Revision();
        if (_last is null || revision != _last.Revision || revision.Length == 0 || filesMayDiffer)
            Load(revision);
        bool sameFiles = _last!.Result.WatchedFiles.AsSpan().SequenceEqual(files.AsSpan());
        _stamp = sameFiles ? stamp : StampOf(_last.Result.WatchedFiles, out changedAtMs);
        long now = time.GetUtcNow().ToUnixTimeMilliseconds();
        _youngUntilMs = Math.Abs(now - changedAtMs) < YoungMs ? now + YoungMs : 0;
        _readAgain = false;
        return _last;
    }

    public async Task WaitForChangeAsync(CancellationToken cancellation)
    {
        do
        {
            await Task.Delay(Interval, time, cancellation).ConfigureAwait(false);
            if (_youngUntilMs == 0)
                continue;
            bool isYoung = time.GetUtcNow().ToUnixTimeMilliseconds() < _youngUntilMs;
            if (isYoung && Revision() == _last?.Revision)
                continue;
            _youngUntilMs = 0;
            _readAgain = true;
            return;
        }
        while (StampOf(_last?.Result.WatchedFiles ?? [], out _) == _stamp);
    }

    /// <summary>Reads until text and revision belong together: somebody may be writing just now.</summary>
    private void Load(string revision)
    {
        for (int attempt = 1; ; attempt++)
        {
            LoadResult result = ConnectorsFile.Load(path, environment);
            string after = Revision();
            bool whole = after == revision;
            revision = after;
            if (!whole && attempt < 3)
                continue;
            if (_last is null || _last.Revision != revision || !SameFaults(_last.Result, result) || result.Config is not null)
                _last = new SourceReading(result, revision);
            return;
        }
    }

    /// <summary>A file that is away stays one and the same reading while the reason is the same.</summary>
    private static bool SameFaults(LoadResult a, LoadResult b) => a.Config is null && b.Config is null && a.Faults.AsSpan().SequenceEqual(b.Faults.AsSpan());

    private string Revision() => FileBytes.Read(path, ConnectorsFile.MaxBytes, out _) is { } bytes ? RevisionOf(bytes) : "";

    private ulong StampOf(ImmutableArray<string> files, out long changedAtMs)
    {
        ulong stamp = FileStamp.Of(path, out changedAtMs);
        foreach (string file in files)
        {
            stamp = ulong.RotateLeft(stamp, 7) ^ FileStamp.Of(file, out long at);
            changedAtMs = Math.Max(changedAtMs, at);
        }

        return stamp;
    }
}
