using Fastbridge.Core.Config;
using Fastbridge.Core.Records;

namespace Fastbridge.Core.Buffering;

/// <summary>Where connectors keep their files.</summary>
public static class BufferFolder
{
    /// <summary>The folder of a connector's buffer: its own, else one below <paramref name="stateDir"/>.</summary>
    public static string Of(BufferConfig buffer, string stateDir, string connector) => buffer.Path ?? Path.Combine(stateDir, $"buffer-{SafeName(connector)}");

    /// <summary>Two names of one folder, also through links.</summary>
    public static bool AreSame(string one, string other) => string.Equals(Real(one), Real(other), StringComparison.Ordinal);

    /// <summary>A folder's path without links, as far as it exists.</summary>
    public static string Real(string folder)
    {
        string path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        if (Path.GetDirectoryName(path) is not { Length: > 0 } parent)
            return path;
        path = Path.Combine(Real(parent), Path.GetFileName(path));
        try
        {
            return Directory.ResolveLinkTarget(path, returnFinalTarget: true) is { } target ? Real(target.FullName) : path;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return path; // A link in a circle, or one that may not be read: then the name is all that is known.
        }
    }

    /// <summary>A connector's name may hold any character; a file's may not. Different names stay different.</summary>
    public static string SafeName(string name)
    {
        string safe = string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' ? c : '_'));
        if (safe != name || safe.Length > 100 || safe.StartsWith('.'))
            safe = $"{safe.TrimStart('.')[..Math.Min(safe.TrimStart('.').Length, 80)]}-{Crc32.Compute(System.Text.Encoding.UTF8.GetBytes(name)):x8}";
        return safe;
    }
}
