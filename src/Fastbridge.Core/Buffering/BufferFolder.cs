using Fastbridge.Core.Config;
using Fastbridge.Core.Records;

namespace Fastbridge.Core.Buffering;

/// <summary>Where connectors keep their files.</summary>
public static class BufferFolder
{
    /// <summary>The folder of a connector's buffer: its own, else one below <paramref name="stateDir"/>.</summary>
    public static string Of(BufferConfig buffer, string stateDir, string connector) => buffer.Path ?? Path.Combine(stateDir, $"buffer-{SafeName(connector)}");

    /// <summary>A connector's name may hold any character; a file's may not. Different names stay different.</summary>
    public static string SafeName(string name)
    {
        string safe = string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' ? c : '_'));
        if (safe != name || safe.Length > 100 || safe.StartsWith('.'))
            safe = $"{safe.TrimStart('.')[..Math.Min(safe.TrimStart('.').Length, 80)]}-{Crc32.Compute(System.Text.Encoding.UTF8.GetBytes(name)):x8}";
        return safe;
    }
}
