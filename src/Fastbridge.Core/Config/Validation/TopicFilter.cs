using System.Text;

namespace Fastbridge.Core.Config.Validation;

/// <summary>The rules of a topic filter [4.7] and of a shared subscription [4.8.2].</summary>
public static class TopicFilter
{
    private const string Share = "$share/";

    /// <summary>Null where the filter is well formed, else what is wrong and what to write instead.</summary>
    public static (string Text, string? Remedy)? Check(string filter)
    {
        if (filter.Length == 0)
            return ("a filter has at least one character", "write \"#\" for all topics"); // [MQTT-4.7.3-1]
        if (filter.Contains('\0', StringComparison.Ordinal))
            return ("must not contain U+0000", null); // [MQTT-4.7.3-2]
        if (Encoding.UTF8.GetByteCount(filter) > ushort.MaxValue)
            return ("is longer than the 65535 bytes that MQTT can carry", null); // [MQTT-4.7.3-3]
        if (filter == "$share" || filter.StartsWith(Share, StringComparison.Ordinal))
            return CheckShared(filter);
        return CheckLevels(filter, "");
    }

    private static (string Text, string? Remedy)? CheckShared(string filter)
    {
        string rest = filter.Length > Share.Length ? filter[Share.Length..] : "";
        int slash = rest.IndexOf('/', StringComparison.Ordinal);
        string group = slash < 0 ? rest : rest[..slash];
        if (group.Length == 0)
            return ("a shared subscription names a group", "write \"$share/GROUP/FILTER\""); // [MQTT-4.8.2-1]
        if (group.AsSpan().IndexOfAny('+', '#') >= 0)
            return ("the group of a shared subscription has no + and #", "write \"$share/GROUP/FILTER\""); // [MQTT-4.8.2-2]
        if (slash < 0 || slash + 1 == rest.Length)
            return ("a shared subscription has a filter behind its group", Write(Share + group + "/#")); // [MQTT-4.8.2-2]
        return CheckLevels(rest[(slash + 1)..], Share + group + "/");
    }

    private static (string Text, string? Remedy)? CheckLevels(string filter, string share)
    {
        string[] levels = filter.Split('/');
        for (int i = 0; i < levels.Length; i++)
        {
            string level = levels[i];
            if (level.Contains('#', StringComparison.Ordinal))
            {
                string until = Write(share + string.Concat(levels.Take(i).Select(l => l + "/")) + "#");
                if (i + 1 < levels.Length)
                    return ("'#' must be the last level", until); // [MQTT-4.7.1-1]
                if (level != "#")
                    return ("'#' must stand alone in its level", until);
            }
            else if (level.Contains('+', StringComparison.Ordinal) && level != "+")
            {
                levels[i] = "+";
                return ("'+' must stand alone in its level", Write(share + string.Join('/', levels))); // [MQTT-4.7.1-2]
            }
        }

        return null;
    }

    private static string Write(string filter) => "write " + Reading.Shown.Quote(filter);
}
