using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Fastbridge.Core.Config.Store;

/// <summary>A file's user and group, which .NET does not tell.</summary>
internal sealed partial record FileOwner(uint User, uint Group)
{
    // fcntl.h, linux/stat.h: struct statx has the same form on every processor.
    private const int CurrentFolder = -100;
    private const uint UserAndGroup = 0x18;
    private const int UserOffset = 20;
    private const int GroupOffset = 24;
    private const int StructSize = 256;

    /// <summary>Null where there is no such file, or the system does not say.</summary>
    public static unsafe FileOwner? Of(string path)
    {
        if (!OperatingSystem.IsLinux())
            return null;
        Span<byte> data = stackalloc byte[StructSize];
        try
        {
            fixed (byte* start = data)
            {
                if (StatX(CurrentFolder, path, 0, UserAndGroup, start) != 0)
                    return null;
            }
        }
        catch (EntryPointNotFoundException)
        {
            return null; // an old C library
        }

        ReadOnlySpan<byte> read = data;
        return BitConverter.IsLittleEndian
            ? new FileOwner(BinaryPrimitives.ReadUInt32LittleEndian(read[UserOffset..]), BinaryPrimitives.ReadUInt32LittleEndian(read[GroupOffset..]))
            : new FileOwner(BinaryPrimitives.ReadUInt32BigEndian(read[UserOffset..]), BinaryPrimitives.ReadUInt32BigEndian(read[GroupOffset..]));
    }

    /// <summary>Gives a file to this user and group; false where this process may not.</summary>
    public bool TryApply(string path) => ChangeOwner(path, User, Group) == 0;

    public override string ToString() => $"user {User}, group {Group}";

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int StatX(int folder, string path, int flags, uint mask, byte* result);

    [LibraryImport("libc", EntryPoint = "chown", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int ChangeOwner(string path, uint user, uint group);
}
