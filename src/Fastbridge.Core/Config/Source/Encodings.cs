using System.Buffers;
using System.Text;
using System.Text.Unicode;
using Fastbridge.Core.Config.Reading;

namespace Fastbridge.Core.Config.Source;

/// <summary>What every notation asks of the text first: that it is UTF-8.</summary>
internal static class Encodings
{
    /// <summary>False where it is not; the fault then stands in <paramref name="context"/>.</summary>
    public static bool IsUtf8(SourceText source, LoadContext context)
    {
        ReadOnlySpan<byte> utf8 = source.Utf8.Span;
        if (utf8.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]) || utf8.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF]))
        {
            context.FaultAt(source, 0, "the text is UTF-16", "save it as UTF-8");
            return false;
        }

        if (Utf8.IsValid(utf8))
            return true;
        int offset = 0;
        while (Rune.DecodeFromUtf8(utf8[offset..], out _, out int length) == OperationStatus.Done)
            offset += length;
        context.FaultAt(source, offset, $"byte 0x{utf8[offset]:X2} is not UTF-8", "save the file as UTF-8");
        return false;
    }
}
