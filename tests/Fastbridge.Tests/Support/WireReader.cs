using System.Text;

namespace Fastbridge.Tests.Support;

/// <summary>Reads MQTT fields in the plainest way, so that it shares no mistake with the codec under test. Throws on anything it cannot read.</summary>
internal sealed class WireReader(byte[] bytes)
{
    private static readonly UTF8Encoding Strict = new(false, true);

    public int Position { get; private set; }

    public bool AtEnd => Position == bytes.Length;

    public byte Byte() => bytes[Position++];

    public ushort UInt16() => (ushort)((Byte() << 8) + Byte());

    public uint UInt32() => ((uint)UInt16() << 16) + UInt16();

    public int VariableByteInteger()
    {
        int value = 0, factor = 1;
        while (true)
        {
            byte b = Byte();
            value += (b % 128) * factor;
            if (b < 128)
                return value;
            factor *= 128;
            if (factor > 128 * 128 * 128)
                throw new FormatException("variable byte integer of more than four bytes");
        }
    }

    public byte[] Bytes(int count)
    {
        byte[] part = bytes[Position..(Position + count)];
        Position += count;
        return part;
    }

    public byte[] Binary() => Bytes(UInt16());

    public string Text() => Strict.GetString(Binary());

    public byte[] Rest() => Bytes(bytes.Length - Position);
}
