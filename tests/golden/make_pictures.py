"""Writes pictures.json: small PNGs and JPEGs of every kind, and their pixels by Pillow.

Run with Debian's python3-pil and python3-numpy: python3 tests/golden/make_pictures.py
16 bits are rounded here: Pillow cuts them off. PNGs of every depth, filter, palette and
interlacing are packed here: Pillow writes few of them, but reads all.
"""
import base64, io, json, os, struct, zlib

import numpy as np
from PIL import Image, ImageOps


def photo(h, w):
    y, x = np.mgrid[0:h, 0:w]
    r = 128 + 100 * np.sin(x / w * 5 + y / h * 2)
    g = 128 + 90 * np.cos(y / h * 6)
    b = 128 + 80 * np.sin((x + y) / (h + w) * 7)
    return np.clip(np.stack([r, g, b], -1), 0, 255).astype(np.uint8)


def enc(im, fmt, **k):
    f = io.BytesIO()
    im.save(f, fmt, **k)
    return f.getvalue()


out={}
def put(name, data, im):
    a=np.asarray(im)
    out[name]={"file":base64.b64encode(data).decode(),"shape":list(a.shape if a.ndim==3 else a.shape+(1,)),"pixels":base64.b64encode(a.tobytes()).decode()}
def white(im):
    im=im.convert("RGBA"); bg=Image.new("RGBA",im.size,(255,255,255,255)); bg.alpha_composite(im); return bg.convert("RGB")
def chunk(k,d): return struct.pack(">I",len(d))+k+d+struct.pack(">I",zlib.crc32(k+d))
def filt(rows, bpp):
    # every filter in turn
    res=b""; prev=bytes(len(rows[0]))
    for i,r in enumerate(rows):
        f=i%5; o=bytearray()
        for j,v in enumerate(r):
            a=r[j-bpp] if j>=bpp else 0; b=prev[j]; c=prev[j-bpp] if j>=bpp else 0
            p=a+b-c; pa,pb,pc=abs(p-a),abs(p-b),abs(p-c); pr=a if pa<=pb and pa<=pc else b if pb<=pc else c
            o.append((v-[0,a,b,(a+b)//2,pr][f])&255)
        res+=bytes([f])+bytes(o); prev=r
    return res
A7=[(0,0,8,8),(4,0,8,8),(0,4,4,8),(2,0,4,4),(0,2,2,4),(1,0,2,2),(0,1,1,2)]
def png(a,depth,ctype,inter,extra=[]):
    h,w=a.shape[:2]; ch=1 if a.ndim==2 else a.shape[2]; a=a.reshape(h,w,ch)
    bpp=max(1,depth*ch//8); raw=b""
    for (x0,y0,dx,dy) in (A7 if inter else [(0,0,1,1)]):
        s=a[y0::dy,x0::dx]
        if s.size==0: continue
        rows=[]
        for r in s.reshape(s.shape[0],-1):
            if depth==16: rows.append(b"".join(struct.pack(">H",int(v)) for v in r))
            elif depth==8: rows.append(bytes(int(v) for v in r))
            else:
                bits="".join(format(int(v),"0%db"%depth) for v in r); bits+="0"*(-len(bits)%8)
                rows.append(int(bits,2).to_bytes(len(bits)//8,"big"))
        raw+=filt(rows,bpp)
    z=zlib.compress(raw); half=len(z)//2
    return b"\x89PNG\r\n\x1a\n"+chunk(b"IHDR",struct.pack(">IIBBBBB",w,h,depth,ctype,0,0,int(inter)))+b"".join(chunk(k,d) for k,d in extra)+chunk(b"IDAT",z[:half])+chunk(b"IDAT",z[half:])+chunk(b"IEND",b"")
rng=np.random.default_rng(1)
H,W=9,11
for inter in (False,True):
    t=" interlaced" if inter else ""
    for depth in (1,2,4,8,16):
        a=rng.integers(0,2**depth,(H,W)); data=png(a,depth,0,inter)
        if depth==16: ref=Image.fromarray(np.round(a/257).astype(np.uint8))
        else: ref=Image.open(io.BytesIO(data)).convert("L")
        put("grey of %d bits%s"%(depth,t),data,ref)
    for depth in (1,2,4,8):
        n=2**depth if depth<8 else 50
        pal=rng.integers(0,256,(n,3)).astype(np.uint8); a=rng.integers(0,n,(H,W))
        data=png(a,depth,3,inter,[(b"PLTE",pal.tobytes())])
        put("palette of %d bits%s"%(depth,t),data,Image.open(io.BytesIO(data)).convert("RGB"))
    a=rng.integers(0,256,(H,W,3)); data=png(a,8,2,inter); put("colours"+t,data,Image.open(io.BytesIO(data)).convert("RGB"))
    a=rng.integers(0,256,(H,W,4)); data=png(a,8,6,inter); put("colours with alpha"+t,data,white(Image.open(io.BytesIO(data))))
    a=rng.integers(0,256,(H,W,2)); data=png(a,8,4,inter); put("grey with alpha"+t,data,white(Image.open(io.BytesIO(data))).convert("L"))
pal=rng.integers(0,256,(4,3)).astype(np.uint8); a=rng.integers(0,4,(H,W)); data=png(a,2,3,False,[(b"PLTE",pal.tobytes()),(b"tRNS",bytes([0,128]))])
put("palette with alpha",data,white(Image.open(io.BytesIO(data))))
a=rng.integers(0,4,(H,W,3))*60; data=png(a,8,2,False,[(b"tRNS",struct.pack(">HHH",*[int(v) for v in a[0,0]]))]); put("colours with a transparent one",data,white(Image.open(io.BytesIO(data))))
# 16 bit colour (reference rounded here)
a=rng.integers(0,65536,(H,W,3)); put("colours of 16 bits",png(a,16,2,True),Image.fromarray(np.round(a/257).astype(np.uint8)))
png_pictures, out = out, {}
p=photo(24,40); im=Image.fromarray(p)
def j(name,im,**k):
    d=enc(im,"JPEG",**k); r=Image.open(io.BytesIO(d)); 
    r=ImageOps.exif_transpose(r)
    put(name,d,r.convert("L") if r.mode=="L" else r.convert("RGB"))
j("baseline",im,quality=92,subsampling=0)
j("progressive",im,quality=92,subsampling=0,progressive=True)
j("halved colours",im,quality=92,subsampling=2)
j("grey",im.convert("L"),quality=92)
j("CMYK",im.convert("CMYK"),quality=92)
for o in range(1,9):
    e=Image.Exif(); e[0x0112]=o; j("orientation %d"%o,im.resize((16,10)),quality=92,subsampling=0,exif=e)
here = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(here, "pictures.json"), "w") as file:
    json.dump({"png": png_pictures, "jpeg": out}, file, indent=1)
    file.write("\n")
