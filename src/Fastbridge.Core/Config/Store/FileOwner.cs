using System.Runtime.InteropServices;

namespace Fastbridge.Core.Config.Store;

/// <summary>A file's user, group and kind, which .NET does not tell.</summary>
internal sealed partial record FileOwner(uint User, uint Group)
{
    // fcntl.h, linux/stat.h: struct statx has the same form on every processor.
    private const int CurrentFolder = -100;
    private const uint TypeUserAndGroup = 0x19;
    private const int UserOffset = 20;
    private const int GroupOffset = 24;
    private const int ModeOffset = 28;
    private const int StructSize = 256;
    private const int KindMask = 0xF000;
    private const int Regular = 0x8000;

    /// <summary>No folder, pipe, socket or device.</summary>
    public bool IsRegular { get; private init; }

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
                if (StatX(CurrentFolder, path, 0, TypeUserAndGroup, start) != 0)
                    return null;
            }
        }
        catch (EntryPointNotFoundException)
        {
            return null; // an old C library
        }

        ReadOnlySpan<byte> read = data;
        return new FileOwner(MemoryMarshal.Read<uint>(read[UserOffset..]), MemoryMarshal.Read<uint>(read[GroupOffset..]))
        {
            IsRegular = (MemoryMarshal.Read<ushort>(read[ModeOffset..]) & KindMask) == Regular,
        };
    }

    /// <summary>Gives a file to this user and group; false where this process may not.</summary>
    public bool TryApply(string path) => ChangeOwner(path, User, Group) == 0;

    public override string ToString() => $"user {User}, group {Group}";

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int StatX(int folder, string path, int flags, uint mask, byte* result);

    [LibraryImport("libc", EntryPoint = "chown", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int ChangeOwner(string path, uint user, uint group);
}
