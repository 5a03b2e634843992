using System.Buffers.Binary;

namespace Fastbridge.Mqtt.Codec.Packets;

/// <summary>Walks the User Properties (0x26) of a checked property section, skipping the others; use with <c>foreach</c>.</summary>
public ref struct UserPropertyEnumerator
{
    private ReadOnlySpan<byte> _rest;

    internal UserPropertyEnumerator(ReadOnlySpan<byte> checkedProperties) => _rest = checkedProperties;

    /// <summary>The key of the current property, UTF-8.</summary>
    public ReadOnlySpan<byte> Key { get; private set; }

    /// <summary>The value of the current property, UTF-8.</summary>
    public ReadOnlySpan<byte> Value { get; private set; }

    public readonly UserPropertyEnumerator Current => this;

    public readonly UserPropertyEnumerator GetEnumerator() => this;

    public bool MoveNext()
    {
        while (!_rest.IsEmpty)
        {
            // [2.2.2.2] identifier, then a value whose form the identifier decides. The section was checked, so nothing can run over.
            byte id = _rest[0];
            _rest = _rest[1..];
            switch (id)
            {
                case 0x26:
                    Key = Take();
                    Value = Take();
                    return true;
                case 0x01:
                    _rest = _rest[1..];
                    break;
                case 0x02:
                    _rest = _rest[4..];
                    break;
                case 0x23:
                    _rest = _rest[2..];
                    break;
                case 0x0B:
                    int size = 1;
                    while (_rest[size - 1] >= 0x80)
                        size++;
                    _rest = _rest[size..];
                    break;
                default:
                    Take();
                    break;
            }
        }

        return false;
    }

    private ReadOnlySpan<byte> Take()
    {
        int length = BinaryPrimitives.ReadUInt16BigEndian(_rest);
        ReadOnlySpan<byte> text = _rest.Slice(2, length);
        _rest = _rest[(2 + length)..];
        return text;
    }
}
