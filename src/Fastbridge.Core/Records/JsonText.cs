using System.Buffers;

namespace Fastbridge.Core.Records;

/// <summary>
/// Writes UTF-8 text as the inside of a JSON string, escaping only what RFC 8259, section 7, demands: the quotation mark, the reverse
/// solidus, and U+0000 to U+001F. All else, emoji, U+007F and U+2028 among it, goes out as it came.
/// </summary>
/// <remarks>
/// The forms are Utf8JsonWriter's (JavaScriptEncoder.UnsafeRelaxedJsonEscaping): <c>\"</c>, <c>\\</c>, <c>\b</c>, <c>\t</c>, <c>\n</c>,
/// <c>\f</c>, <c>\r</c>, and <c>\u00XX</c> with upper-case digits for the other controls.
/// </remarks>
internal static class JsonText
{
    /// <summary>A byte grows to six at most (<c>\u0001</c>).</summary>
    internal const int LargestGrowth = 6;

    private static readonly SearchValues<byte> MustEscape = SearchValues.Create(
    [
        0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x0E, 0x0F,
        0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18, 0x19, 0x1A, 0x1B, 0x1C, 0x1D, 0x1E, 0x1F,
        (byte)'"', (byte)'\\',
    ]);

    /// <summary>Appends <paramref name="utf8"/>, which must be valid UTF-8 (the codec checks what MQTT carries), without the quotation marks around it.</summary>
    public static void Append(ByteBuffer output, ReadOnlySpan<byte> utf8)
    {
        while (true)
        {
            int run = utf8.IndexOfAny(MustEscape);
            if (run < 0)
            {
                output.Append(utf8);
                return;
            }

            Span<byte> free = output.Reserve(run + LargestGrowth);
            utf8[..run].CopyTo(free);
            output.Advance(run + Escape(utf8[run], free[run..]));
            utf8 = utf8[(run + 1)..];
        }
    }

    private static int Escape(byte b, Span<byte> to)
    {
        byte form = b switch
        {
            (byte)'"' or (byte)'\\' => b,
            0x08 => (byte)'b',
            0x09 => (byte)'t',
            0x0A => (byte)'n',
            0x0C => (byte)'f',
            0x0D => (byte)'r',
            _ => (byte)'u',
        };
        to[0] = (byte)'\\';
        to[1] = form;
        if (form != 'u')
            return 2;
        to[2] = to[3] = (byte)'0';
        to[4] = "0123456789ABCDEF"u8[b >> 4];
        to[5] = "0123456789ABCDEF"u8[b & 0xF];
        return 6;
    }
}
