using System.Collections.Immutable;
using System.Security.Cryptography;
using Fastbridge.Core.Config.Source;

namespace Fastbridge.Core.Config.Reading;

/// <summary>
/// Files that the ends read by themselves (certificates, keys), by digest: a configuration that holds the digests differs when one of the files has changed. Each is read once a
/// load, however many connectors name it. One thread.
/// </summary>
internal sealed class WatchedFiles
{
    /// <summary>16 MB: a file of all authorities of the world has 0.3.</summary>
    private const int MaxBytes = 16 * 1024 * 1024;

    private readonly Dictionary<string, string> _digests = new(StringComparer.Ordinal);

    /// <summary>Full paths.</summary>
    public ImmutableArray<string> All => [.. _digests.Keys];

    /// <summary>One text for what all these files hold now; null where none is named. One that cannot be read counts as empty.</summary>
    /// <param name="paths">Full paths; nulls are passed over.</param>
    public string? Digest(params ReadOnlySpan<string?> paths)
    {
        string? all = null;
        foreach (string? path in paths)
        {
            if (path is null)
                continue;
            if (!_digests.TryGetValue(path, out string? one))
                _digests[path] = one = FileBytes.Read(path, MaxBytes, out _) is { } bytes ? Convert.ToHexStringLower(SHA256.HashData(bytes).AsSpan(0, 16)) : "-";
            all = all is null ? one : $"{all} {one}";
        }

        return all;
    }
}
