using System.Buffers.Binary;
using System.Text;

namespace Fastbridge.Tests.Otlp;

/// <summary>A protobuf message taken apart, knowing nothing of ours: its fields by number, in order.</summary>
internal sealed class ProtoReader
{
    private readonly List<(int Field, ulong Number, byte[]? Bytes)> _fields = [];

    public ProtoReader(ReadOnlySpan<byte> message)
    {
        while (!message.IsEmpty)
        {
            ulong tag = Varint(ref message);
            int field = (int)(tag >> 3);
            switch (tag & 7)
            {
                case 0:
                    _fields.Add((field, Varint(ref message), null));
                    break;
                case 1:
                    _fields.Add((field, BinaryPrimitives.ReadUInt64LittleEndian(message), null));
                    message = message[8..];
                    break;
                case 2:
                    int length = checked((int)Varint(ref message));
                    _fields.Add((field, 0, message[..length].ToArray()));
                    message = message[length..];
                    break;
                default:
                    throw new InvalidDataException($"wire type {tag & 7}");
            }
        }
    }

    public IEnumerable<ProtoReader> All(int field) => _fields.Where(f => f.Field == field).Select(f => new ProtoReader(f.Bytes));

    public ProtoReader One(int field) => Assert.Single(All(field));

    public bool Has(int field) => _fields.Any(f => f.Field == field);

    public string Text(int field) => Encoding.UTF8.GetString(Assert.Single(_fields, f => f.Field == field).Bytes!);

    public ulong Number(int field) => Assert.Single(_fields, f => f.Field == field).Number;

    public double Double(int field) => BitConverter.UInt64BitsToDouble(Number(field));

    /// <summary>A packed field of 8 bytes an element.</summary>
    public ulong[] Packed(int field)
    {
        byte[] bytes = Assert.Single(_fields, f => f.Field == field).Bytes!;
        return [.. Enumerable.Range(0, bytes.Length / 8).Select(i => BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(i * 8)))];
    }

    /// <summary>OTLP's attributes, texts all.</summary>
    public Dictionary<string, string> Attributes(int field) => All(field).ToDictionary(a => a.Text(1), a => a.One(2).Text(1));

    private static ulong Varint(ref ReadOnlySpan<byte> message)
    {
        ulong value = 0;
        for (int shift = 0; ; shift += 7)
        {
            byte part = message[0];
            message = message[1..];
            value |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80) return value;
        }
    }
}
