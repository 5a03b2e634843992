using System.Globalization;

namespace Fastbridge.Metrics;

/// <summary>Which of the two text formats a client wants (RFC 9110, 12.5.1).</summary>
internal static class AcceptedFormat
{
    /// <summary>True: OpenMetrics 1.0.0, which must be asked for by name. What cannot be read asks for nothing.</summary>
    /// <param name="accept">The Accept header; several are joined by commas.</param>
    public static bool IsOpenMetrics(ReadOnlySpan<char> accept)
    {
        double open = 0, plain = 0;
        while (!accept.IsEmpty)
        {
            int end = accept.IndexOf(',');
            ReadOnlySpan<char> one = (end < 0 ? accept : accept[..end]).Trim();
            accept = end < 0 ? [] : accept[(end + 1)..];
            int parameters = one.IndexOf(';');
            ReadOnlySpan<char> type = (parameters < 0 ? one : one[..parameters]).Trim();
            if (!TryReadParameters(parameters < 0 ? [] : one[(parameters + 1)..], out double weight, out bool isVersion1))
                continue;
            if (type.Equals("application/openmetrics-text", StringComparison.OrdinalIgnoreCase) && isVersion1)
                open = Math.Max(open, weight);
            else if (type.Equals("text/plain", StringComparison.OrdinalIgnoreCase))
                plain = Math.Max(plain, weight);
        }

        return open > 0 && open >= plain;
    }

    private static bool TryReadParameters(ReadOnlySpan<char> text, out double weight, out bool isVersion1)
    {
        (weight, isVersion1) = (1, true);
        while (!text.IsEmpty)
        {
            int end = text.IndexOf(';');
            ReadOnlySpan<char> one = (end < 0 ? text : text[..end]).Trim();
            text = end < 0 ? [] : text[(end + 1)..];
            int equals = one.IndexOf('=');
            if (equals < 0)
                continue;
            ReadOnlySpan<char> name = one[..equals].Trim(), value = one[(equals + 1)..].Trim().Trim('"');
            if (name.Equals("q", StringComparison.OrdinalIgnoreCase))
            {
                if (!double.TryParse(value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out weight) || weight is not (>= 0 and <= 1))
                    return false;
            }
            else if (name.Equals("version", StringComparison.OrdinalIgnoreCase))
            {
                isVersion1 = value is "1.0.0";
            }
        }

        return true;
    }
}
