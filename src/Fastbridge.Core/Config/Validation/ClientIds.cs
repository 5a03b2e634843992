using System.Security.Cryptography;
using System.Text;

namespace Fastbridge.Core.Config.Validation;

/// <summary>Client identifiers of connectors: stable over restarts, so that the session is resumed, and unlike each other.</summary>
internal static class ClientIds
{
    private const string Prefix = "fastbridge-";

    /// <summary>
    /// <c>PREFIX-NAME</c>. ASCII letters, digits, <c>-</c>, <c>_</c> and <c>.</c> of the name stand as they are; every other character as the <c>%XX</c> of
    /// its UTF-8 bytes, so that different names stay different. Brokers distrust the rest: mosquitto denies all access by pattern to a client with
    /// <c>+</c>, <c>#</c> or <c>/</c> in its id.
    /// </summary>
    public static string ForConnector(string prefix, string name)
    {
        var id = new StringBuilder(prefix).Append('-');
        AppendEncoded(id, name);
        return id.ToString();
    }

    /// <summary><c>fastbridge-HOST-HASH</c>: HASH is the first 8 hex digits of SHA-256 of the machine-id, so that machines of one name differ; without an id, <c>fastbridge-HOST</c>.</summary>
    public static string DefaultPrefix(LoadEnvironment environment)
    {
        var prefix = new StringBuilder(Prefix);
        AppendEncoded(prefix, environment.HostName);
        if (environment.MachineId is { Length: > 0 } id)
        {
            // Not the bare hash of the id: a hash that others publish too could be matched with ours.
            byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes(Prefix + id));
            prefix.Append('-').Append(Convert.ToHexStringLower(hash.AsSpan(0, 4)));
        }

        return prefix.ToString();
    }

    private static void AppendEncoded(StringBuilder id, string text)
    {
        foreach (byte b in Encoding.UTF8.GetBytes(text))
        {
            if (char.IsAsciiLetterOrDigit((char)b) || b is (byte)'-' or (byte)'_' or (byte)'.')
                id.Append((char)b);
            else
                id.Append('%').Append(Convert.ToHexString([b]));
        }
    }
}
